<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Descriptor</name>
    <message>
        <source>CIFAR-10</source>
        <translation>CIFAR-10</translation>
    </message>
    <message>
        <source>50,000 + 10,000 colour images of 32x32 pixels in 10 classes.</source>
        <translation>50,000 + 10,000 张 32x32 像素的彩色图像，共 10 类。</translation>
    </message>
    <message>
        <source>Folder of the binary version: data_batch_1.bin to 5, test_batch.bin.</source>
        <translation>二进制版本所在的文件夹：data_batch_1.bin 至 5，以及 test_batch.bin。</translation>
    </message>
    <message>
        <source>How the training samples are shared among the workers.</source>
        <translation>训练样本如何分给各工作进程。</translation>
    </message>
    <message>
        <source>CSV table</source>
        <translation>CSV 表格</translation>
    </message>
    <message>
        <source>Rows of numbers with a label, from a comma-separated file with a header.</source>
        <translation>带表头的逗号分隔文件，每行是一组数值和一个标签。</translation>
    </message>
    <message>
        <source>The file. Its first line names the columns.</source>
        <translation>文件路径，首行为列名。</translation>
    </message>
    <message>
        <source>The column of labels, text or whole numbers; all others hold numbers.</source>
        <translation>标签列，内容为文本或整数；其余各列均为数值。</translation>
    </message>
    <message>
        <source>A second file with the same columns to test on, instead of test_fraction.</source>
        <translation>列相同的另一个文件，用作测试集，代替 test_fraction。</translation>
    </message>
    <message>
        <source>Share of the rows, evenly spaced, that is kept to test on if there is no test_path.</source>
        <translation>没有 test_path 时，等间隔留作测试的行所占比例。</translation>
    </message>
    <message>
        <source>Fashion-MNIST</source>
        <translation>Fashion-MNIST</translation>
    </message>
    <message>
        <source>60,000 + 10,000 grey images of 28x28 pixels, 10 kinds of clothing.</source>
        <translation>60,000 + 10,000 张 28x28 像素的灰度图像，10 类服装。</translation>
    </message>
    <message>
        <source>Folder of the four IDX files, plain or .gz; Debian&apos;s dataset-fashion-mnist if absent.</source>
        <translation>四个 IDX 文件（原样或 .gz）所在的文件夹；不填则用 Debian 的 dataset-fashion-mnist。</translation>
    </message>
    <message>
        <source>IDX files</source>
        <translation>IDX 文件</translation>
    </message>
    <message>
        <source>Images or vectors with labels, in the file format of MNIST.</source>
        <translation>带标签的图像或向量，采用 MNIST 的文件格式。</translation>
    </message>
    <message>
        <source>Training samples: bytes (divided by 255) or 32-bit floats, plain or .gz.</source>
        <translation>训练样本：字节（除以 255）或 32 位浮点数，原样或 .gz。</translation>
    </message>
    <message>
        <source>Training labels, from 0; plain or .gz.</source>
        <translation>训练标签，从 0 起；原样或 .gz。</translation>
    </message>
    <message>
        <source>Test samples, of the same dimensions; together with test_labels or not at all.</source>
        <translation>测试样本，维度相同；须与 test_labels 一并给出或都不给。</translation>
    </message>
    <message>
        <source>Test labels; together with test_images or not at all.</source>
        <translation>测试标签；须与 test_images 一并给出或都不给。</translation>
    </message>
    <message>
        <source>Number of classes; one more than the largest training label if absent.</source>
        <translation>类别数；不填则为最大训练标签加一。</translation>
    </message>
    <message>
        <source>Image folder</source>
        <translation>图像文件夹</translation>
    </message>
    <message>
        <source>PNG and JPEG images in one folder a class, resized to one size.</source>
        <translation>每类一个文件夹的 PNG 和 JPEG 图像，统一缩放到同一尺寸。</translation>
    </message>
    <message>
        <source>Folder of the classes&apos; folders, or of train/ and test/ that hold them.</source>
        <translation>存放各类别文件夹的文件夹，或其中含 train/ 与 test/。</translation>
    </message>
    <message>
        <source>Width and height of a sample; images are stretched to it.</source>
        <translation>样本的宽和高，图像会拉伸到此尺寸。</translation>
    </message>
    <message>
        <source>3 for colour, 1 for grey.</source>
        <translation>3 为彩色，1 为灰度。</translation>
    </message>
    <message>
        <source>Share of the images, evenly spaced, that is kept to test on if there is no test/.</source>
        <translation>没有 test/ 时，等间隔留作测试的图像所占比例。</translation>
    </message>
    <message>
        <source>MNIST</source>
        <translation>MNIST</translation>
    </message>
    <message>
        <source>60,000 + 10,000 grey images of 28x28 pixels, handwritten digits.</source>
        <translation>60,000 + 10,000 张 28x28 像素的灰度图像，手写数字。</translation>
    </message>
    <message>
        <source>Folder of the four IDX files, plain or .gz; if absent, mnist/ in the folders of $CONCERTINA_DATASETS, in the user&apos;s data folder and in /usr/share/datasets.</source>
        <translation>四个 IDX 文件（原样或 .gz）所在的文件夹；不填则依次查找 $CONCERTINA_DATASETS 各文件夹、用户数据文件夹和 /usr/share/datasets 中的 mnist/。</translation>
    </message>
    <message>
        <source>Dirichlet</source>
        <translation>狄利克雷</translation>
    </message>
    <message>
        <source>Equal shards whose mixtures of classes are drawn from a Dirichlet distribution.</source>
        <translation>分片大小相同，类别比例取自狄利克雷分布。</translation>
    </message>
    <message>
        <source>Concentration: near 0 a worker has one class, large values give every worker the mixture of the whole.</source>
        <translation>集中度：接近 0 时每个工作进程只有一类，很大时各工作进程的类别比例与整体一致。</translation>
    </message>
    <message>
        <source>Identically distributed</source>
        <translation>独立同分布</translation>
    </message>
    <message>
        <source>Every worker draws from the whole dataset, newly shuffled each epoch.</source>
        <translation>每个工作进程都从整个数据集取样，每轮重新打乱。</translation>
    </message>
    <message>
        <source>Quantity skew</source>
        <translation>数量偏斜</translation>
    </message>
    <message>
        <source>Shard sizes follow a power law; the classes are mixed alike.</source>
        <translation>分片大小服从幂律，类别比例一致。</translation>
    </message>
    <message>
        <source>Worker r (from 0) has a share of about (r + 1)^-exponent: 0 gives equal shards.</source>
        <translation>工作进程 r（从 0 起）的份额约为 (r + 1)^-exponent；0 表示均分。</translation>
    </message>
    <message>
        <source>Label shards</source>
        <translation>按标签分片</translation>
    </message>
    <message>
        <source>Sorted by label and cut into shards: each worker sees only a few classes.</source>
        <translation>按标签排序后切片：每个工作进程只见到少数几类。</translation>
    </message>
    <message>
        <source>Shards dealt to each worker: 2 gives most workers two classes.</source>
        <translation>每个工作进程分到的分片数；取 2 时多数工作进程有两类。</translation>
    </message>
    <message>
        <source>2NN of federated averaging</source>
        <translation>2NN（联邦平均）</translation>
    </message>
    <message>
        <source>Two hidden layers of 200 ReLU units: 199,210 parameters on 28x28, 10 classes.</source>
        <translation>两个隐藏层，各 200 个 ReLU 单元；28x28、10 类时共 199,210 个参数。</translation>
    </message>
    <message>
        <source>CNN of federated averaging</source>
        <translation>CNN（联邦平均）</translation>
    </message>
    <message>
        <source>Two 5x5 convolutions with max pooling, then 512 ReLU units: 1,663,370 parameters on 28x28.</source>
        <translation>两层 5x5 卷积加最大池化，再接 512 个 ReLU 单元；28x28 时共 1,663,370 个参数。</translation>
    </message>
    <message>
        <source>LeNet-300-100</source>
        <translation>LeNet-300-100</translation>
    </message>
    <message>
        <source>Two hidden layers of 300 and 100 ReLU units: 266,610 parameters on 28x28, 10 classes.</source>
        <translation>两个隐藏层，分别有 300 和 100 个 ReLU 单元；28x28、10 类时共 266,610 个参数。</translation>
    </message>
    <message>
        <source>LeNet-5 (Caffe&apos;s)</source>
        <translation>LeNet-5（Caffe 版）</translation>
    </message>
    <message>
        <source>Two 5x5 convolutions with max pooling, then 500 ReLU units: 431,080 parameters on 28x28.</source>
        <translation>两层 5x5 卷积加最大池化，再接 500 个 ReLU 单元；28x28 时共 431,080 个参数。</translation>
    </message>
    <message>
        <source>Logistic regression</source>
        <translation>逻辑回归</translation>
    </message>
    <message>
        <source>One dense layer and a softmax: convex, so the loss has one minimum.</source>
        <translation>一个全连接层加 softmax：凸问题，损失只有一个极小值。</translation>
    </message>
    <message>
        <source>Multi-layer perceptron</source>
        <translation>多层感知机</translation>
    </message>
    <message>
        <source>Dense layers of chosen widths, for tables and small images.</source>
        <translation>宽度可选的全连接层，适用于表格和小图像。</translation>
    </message>
    <message>
        <source>Widths of the hidden layers, from the input to the output. [] has none.</source>
        <translation>各隐藏层的宽度，从输入到输出；[] 表示没有隐藏层。</translation>
    </message>
    <message>
        <source>What follows each hidden layer.</source>
        <translation>每个隐藏层之后的激活函数。</translation>
    </message>
    <message>
        <source>ResNet-20</source>
        <translation>ResNet-20</translation>
    </message>
    <message>
        <source>Three residual blocks for each of 16, 32, 64 channels, with batch norm.</source>
        <translation>16、32、64 通道各三个残差块，带批归一化。</translation>
    </message>
    <message>
        <source>ResNet-8</source>
        <translation>ResNet-8</translation>
    </message>
    <message>
        <source>One residual block for each of 16, 32, 64 channels: 77,754 parameters on 1x28x28.</source>
        <translation>16、32、64 通道各一个残差块；1x28x28 时共 77,754 个参数。</translation>
    </message>
    <message>
        <source>Adam</source>
        <translation>Adam</translation>
    </message>
    <message>
        <source>Divides each step by a running mean of the gradient&apos;s magnitude.</source>
        <translation>每一步都除以梯度幅值的滑动平均。</translation>
    </message>
    <message>
        <source>Length of a step, before the schedule&apos;s factor.</source>
        <translation>步长，尚未乘以调度系数。</translation>
    </message>
    <message>
        <source>Share of the old mean of the gradients that is kept.</source>
        <translation>梯度滑动平均中旧值保留的比例。</translation>
    </message>
    <message>
        <source>Share of the old mean of their squares that is kept.</source>
        <translation>梯度平方滑动平均中旧值保留的比例。</translation>
    </message>
    <message>
        <source>Added to the root of the mean square, so that it is never zero.</source>
        <translation>加在均方根上，使其不为零。</translation>
    </message>
    <message>
        <source>Times each parameter, added to its gradient.</source>
        <translation>乘以各参数后加到其梯度上。</translation>
    </message>
    <message>
        <source>How the learning rate goes over the run.</source>
        <translation>学习率在运行过程中如何变化。</translation>
    </message>
    <message>
        <source>AdamW</source>
        <translation>AdamW</translation>
    </message>
    <message>
        <source>Adam whose weight decay shrinks the parameters directly, apart from the gradient.</source>
        <translation>权重衰减与梯度解耦、直接作用于参数的 Adam。</translation>
    </message>
    <message>
        <source>Times the learning rate, the share of each parameter that a step takes away.</source>
        <translation>乘以学习率，即每步从各参数减去的比例。</translation>
    </message>
    <message>
        <source>Stochastic gradient descent</source>
        <translation>随机梯度下降（SGD）</translation>
    </message>
    <message>
        <source>Steps against the gradient, with momentum, Nesterov&apos;s look-ahead and weight decay.</source>
        <translation>沿负梯度方向更新，可选动量、Nesterov 前瞻与权重衰减。</translation>
    </message>
    <message>
        <source>Share of the last step&apos;s velocity that is kept. 0 is plain gradient descent.</source>
        <translation>上一步速度保留的比例；0 即普通梯度下降。</translation>
    </message>
    <message>
        <source>Takes the gradient&apos;s step after the velocity&apos;s. Without momentum it changes nothing.</source>
        <translation>先按速度走，再按梯度走；没有动量时不起作用。</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>恒定</translation>
    </message>
    <message>
        <source>The learning rate stays, after the warm-up.</source>
        <translation>预热之后学习率保持不变。</translation>
    </message>
    <message>
        <source>The learning rate rises in a straight line to its full value over the first so many steps.</source>
        <translation>学习率在最初这么多步内线性升至设定值。</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>Half a cosine from the full learning rate down to zero at the end of the run.</source>
        <translation>半个余弦，从设定的学习率降到运行结束时的零。</translation>
    </message>
    <message>
        <source>Step decay</source>
        <translation>阶梯衰减</translation>
    </message>
    <message>
        <source>Every few epochs the learning rate is multiplied by a factor.</source>
        <translation>每隔若干轮，学习率乘以一个系数。</translation>
    </message>
    <message>
        <source>Epochs between two multiplications.</source>
        <translation>两次相乘之间的轮数。</translation>
    </message>
    <message>
        <source>What the learning rate is multiplied by.</source>
        <translation>学习率所乘的系数。</translation>
    </message>
    <message>
        <source>All-reduce</source>
        <translation>全归约 (All-Reduce)</translation>
    </message>
    <message>
        <source>Every worker ends with the average of all gradients; no worker is special.</source>
        <translation>每个工作进程都得到全部梯度的平均，没有特殊的工作进程。</translation>
    </message>
    <message>
        <source>ring: 2 (N - 1) messages of a N-th each, so that each worker sends less than twice the gradient whatever N.</source>
        <translation>ring（环）：2 (N - 1) 条消息，每条为梯度的 N 分之一；无论 N 多大，每个工作进程的发送量都不到梯度的两倍。</translation>
    </message>
    <message>
        <source>Gradients are exchanged in groups of at least this size, the first while the backward pass still computes the others.</source>
        <translation>梯度按不小于此值的分桶交换；反向传播还在计算其余部分时，第一桶就已开始交换。</translation>
    </message>
    <message>
        <source>Parameter server</source>
        <translation>参数服务器</translation>
    </message>
    <message>
        <source>Workers send gradients to servers, which average them and send the average back.</source>
        <translation>工作进程把梯度发给服务器，服务器求平均后发回。</translation>
    </message>
    <message>
        <source>sync: a step ends when every worker&apos;s gradient is in the average.</source>
        <translation>sync（同步）：所有工作进程的梯度都计入平均后，一步才结束。</translation>
    </message>
    <message>
        <source>Into how many pieces the gradient is cut; the server of shard s runs beside worker s mod N. One shard makes worker 0&apos;s link the bottleneck; N shards share the load.</source>
        <translation>梯度切成多少片；分片 s 的服务器与工作进程 s mod N 同处。一个分片会使工作进程 0 的链路成为瓶颈，N 个分片则分担负载。</translation>
    </message>
    <message>
        <source>Single worker</source>
        <translation>单个工作进程</translation>
    </message>
    <message>
        <source>One worker trains alone; a gradient codec is applied, but nothing is sent.</source>
        <translation>一个工作进程单独训练；梯度编解码器照常应用，但不发送数据。</translation>
    </message>
    <message>
        <source>Half precision</source>
        <translation>半精度 (fp16)</translation>
    </message>
    <message>
        <source>Sends each element in 2 bytes, rounded to 11 bits; magnitudes above 65504 become 65504.</source>
        <translation>每个元素用 2 字节发送，舍入到 11 位；幅值超过 65504 的取 65504。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Sends the gradient as it is, 4 bytes an element.</source>
        <translation>原样发送梯度，每个元素 4 字节。</translation>
    </message>
    <message>
        <source>Scaled sign (example plugin)</source>
        <translation>缩放符号（示例插件）</translation>
    </message>
    <message>
        <source>Sends each element&apos;s sign, and one scale for all.</source>
        <translation>发送每个元素的符号，以及一个共用的缩放系数。</translation>
    </message>
    <message>
        <source>Top-k sparsification</source>
        <translation>Top-k 稀疏化</translation>
    </message>
    <message>
        <source>Sends the k largest elements of the gradient; the rest waits in a residual.</source>
        <translation>发送梯度中最大的 k 个元素，其余留在残差中。</translation>
    </message>
    <message>
        <source>k/d, the share of elements that is sent. Each costs 8 bytes.</source>
        <translation>k/d，即发送的元素比例；每个元素占 8 字节。</translation>
    </message>
    <message>
        <source>Adds what was not sent to the next gradient. Without it, small elements never arrive.</source>
        <translation>把未发送的部分加到下一次梯度上；否则小元素永远不会送达。</translation>
    </message>
    <message>
        <source>Threads of the engine</source>
        <translation>引擎的线程</translation>
    </message>
    <message>
        <source>Runs each worker as a thread of the engine: for tests and teaching.</source>
        <translation>每个工作进程作为引擎的一个线程运行，用于测试和教学。</translation>
    </message>
    <message>
        <source>Processes on this machine</source>
        <translation>本机进程</translation>
    </message>
    <message>
        <source>Starts each worker as a process of its own beside the engine.</source>
        <translation>每个工作进程作为引擎之外的独立进程启动。</translation>
    </message>
    <message>
        <source>gRPC over TCP</source>
        <translation>gRPC（TCP）</translation>
    </message>
    <message>
        <source>Raw gRPC streams over one TCP connection for every two ranks of a host; each proves the run&apos;s secret first.</source>
        <translation>同一主机上每两个 rank 之间用一条 TCP 连接承载原始 gRPC 流；双方先以运行密钥相互验证。</translation>
    </message>
    <message>
        <source>Within one process</source>
        <translation>同一进程内</translation>
    </message>
    <message>
        <source>Ranks are threads that copy into each other&apos;s mailboxes.</source>
        <translation>各 rank 是线程，直接复制到彼此的信箱。</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>What the run is called, and the seed of everything random in it.</source>
        <translation>运行的名称，以及其中一切随机性的种子。</translation>
    </message>
    <message>
        <source>What the run is called. Made of model, exchange and codec when left out.</source>
        <translation>运行的名称；不填则由模型、交换和编解码器组成。</translation>
    </message>
    <message>
        <source>Same spec, same seed, same bits.</source>
        <translation>配置相同、种子相同，结果逐位相同。</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>How long and in which portions each worker trains.</source>
        <translation>每个工作进程训练多久、每批多大。</translation>
    </message>
    <message>
        <source>Samples of one step of one data-parallel worker; the global batch is this times the mesh&apos;s data axis.</source>
        <translation>一个数据并行工作进程一步的样本数；全局批大小为它乘以网格的数据轴。</translation>
    </message>
    <message>
        <source>Passes over the training samples; may be a fraction.</source>
        <translation>遍历训练样本的次数，可为小数。</translation>
    </message>
    <message>
        <source>Ends the run after so many steps even if the epochs are not over; 0 for no limit.</source>
        <translation>达到此步数即结束，即使轮次未完；0 为不限。</translation>
    </message>
    <message>
        <source>Threads that each worker computes with.</source>
        <translation>每个工作进程用于计算的线程数。</translation>
    </message>
    <message>
        <source>How often the test samples are evaluated; 0 for only at the end.</source>
        <translation>多久在测试样本上评估一次；0 为只在结束时评估。</translation>
    </message>
    <message>
        <source>How often the whole state is kept, to resume from; 0 for only when asked for.</source>
        <translation>多久保存一次完整状态以便恢复；0 为仅在要求时保存。</translation>
    </message>
    <message>
        <source>Mesh</source>
        <translation>网格</translation>
    </message>
    <message>
        <source>The workers arranged on three axes; their product is the number of workers.</source>
        <translation>工作进程沿三个轴排列，三者之积为工作进程总数。</translation>
    </message>
    <message>
        <source>Copies of the model, each on its own samples. Left out: all workers.</source>
        <translation>模型的副本数，各用各的样本；不填则为全部工作进程。</translation>
    </message>
    <message>
        <source>Stages that the layers are cut into. 1 in this version.</source>
        <translation>各层切成的流水线阶段数；此版本为 1。</translation>
    </message>
    <message>
        <source>Parts that each layer is cut into. 1 in this version.</source>
        <translation>每层切成的份数；此版本为 1。</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>How the workers reach each other, and the link that is emulated between every two of them.</source>
        <translation>工作进程之间如何通信，以及两两之间模拟的链路。</translation>
    </message>
    <message>
        <source>What carries the tensors; auto takes the fastest that fits.</source>
        <translation>张量的传输方式；auto 选用可用方式中最快的。</translation>
    </message>
    <message>
        <source>Bandwidth of the emulated link; 0 runs free.</source>
        <translation>模拟链路的带宽；0 为不限。</translation>
    </message>
    <message>
        <source>One-way latency of the emulated link.</source>
        <translation>模拟链路的单向延迟。</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>One entry of the list: so many workers from one launcher.</source>
        <translation>列表中的一项：由一个启动器启动若干工作进程。</translation>
    </message>
    <message>
        <source>What starts the workers. Its own parameters stand beside this one.</source>
        <translation>由什么启动工作进程；它自己的参数列在旁边。</translation>
    </message>
    <message>
        <source>Workers that this launcher starts.</source>
        <translation>此启动器启动的工作进程数。</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>路径</translation>
    </message>
    <message>
        <source>Partition</source>
        <translation>数据划分</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标签列</translation>
    </message>
    <message>
        <source>Test path</source>
        <translation>测试文件</translation>
    </message>
    <message>
        <source>Test fraction</source>
        <translation>测试比例</translation>
    </message>
    <message>
        <source>Train images</source>
        <translation>训练图像</translation>
    </message>
    <message>
        <source>Train labels</source>
        <translation>训练标签</translation>
    </message>
    <message>
        <source>Test images</source>
        <translation>测试图像</translation>
    </message>
    <message>
        <source>Test labels</source>
        <translation>测试标签</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>类别数</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>通道数</translation>
    </message>
    <message>
        <source>Alpha</source>
        <translation>α</translation>
    </message>
    <message>
        <source>Exponent</source>
        <translation>指数</translation>
    </message>
    <message>
        <source>Shards per worker</source>
        <translation>每进程分片数</translation>
    </message>
    <message>
        <source>Hidden</source>
        <translation>隐藏层</translation>
    </message>
    <message>
        <source>Activation</source>
        <translation>激活函数</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Beta1</source>
        <translation>β1</translation>
    </message>
    <message>
        <source>Beta2</source>
        <translation>β2</translation>
    </message>
    <message>
        <source>Epsilon</source>
        <translation>ε</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>学习率调度</translation>
    </message>
    <message>
        <source>Momentum</source>
        <translation>动量</translation>
    </message>
    <message>
        <source>Nesterov</source>
        <translation>Nesterov</translation>
    </message>
    <message>
        <source>Warmup steps</source>
        <translation>预热步数</translation>
    </message>
    <message>
        <source>Every epochs</source>
        <translation>间隔轮数</translation>
    </message>
    <message>
        <source>Factor</source>
        <translation>系数</translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation>算法</translation>
    </message>
    <message>
        <source>Bucket</source>
        <translation>分桶大小</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>模式</translation>
    </message>
    <message>
        <source>Shards</source>
        <translation>分片数</translation>
    </message>
    <message>
        <source>Ratio</source>
        <translation>保留比例</translation>
    </message>
    <message>
        <source>Error feedback</source>
        <translation>误差反馈</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Max steps</source>
        <translation>最大步数</translation>
    </message>
    <message>
        <source>Threads per worker</source>
        <translation>每进程线程数</translation>
    </message>
    <message>
        <source>Evaluate every</source>
        <translation>评估间隔</translation>
    </message>
    <message>
        <source>Checkpoint every</source>
        <translation>检查点间隔</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Pipeline</source>
        <translation>流水线</translation>
    </message>
    <message>
        <source>Tensor</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Transport</source>
        <translation>传输方式</translation>
    </message>
    <message>
        <source>Bandwidth</source>
        <translation>带宽</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>Launcher</source>
        <translation>启动器</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>px</source>
        <translation>像素</translation>
    </message>
    <message>
        <source>units</source>
        <translation>单元</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>轮</translation>
    </message>
    <message>
        <source>MiB</source>
        <translation>MiB</translation>
    </message>
    <message>
        <source>samples</source>
        <translation>样本</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>Mbit/s</source>
        <translation>Mbit/s</translation>
    </message>
    <message>
        <source>ms</source>
        <translation>ms</translation>
    </message>
</context>
</TS>
