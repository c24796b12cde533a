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
        <translation>全规约 (All-Reduce)</translation>
    </message>
    <message>
        <source>Every worker ends with the average of all gradients; no worker is special.</source>
        <translation>每个工作进程都得到全部梯度的平均，没有特殊的工作进程。</translation>
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
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>分组大小</translation>
    </message>
    <message>
        <source>Gamma</source>
        <translation>γ</translation>
    </message>
    <message>
        <source>Outer learning rate</source>
        <translation>外层学习率</translation>
    </message>
    <message>
        <source>Outer momentum</source>
        <translation>外层动量</translation>
    </message>
    <message>
        <source>Period</source>
        <translation>周期</translation>
    </message>
    <message>
        <source>Moving rate</source>
        <translation>移动率</translation>
    </message>
    <message>
        <source>Dedicated servers</source>
        <translation>专用服务器</translation>
    </message>
    <message>
        <source>Second moment</source>
        <translation>二阶矩</translation>
    </message>
    <message>
        <source>Tau</source>
        <translation>τ</translation>
    </message>
    <message>
        <source>Server momentum</source>
        <translation>服务器动量</translation>
    </message>
    <message>
        <source>Clients</source>
        <translation>客户端数</translation>
    </message>
    <message>
        <source>Fraction</source>
        <translation>抽取比例</translation>
    </message>
    <message>
        <source>Rounds</source>
        <translation>通信轮数</translation>
    </message>
    <message>
        <source>Local epochs</source>
        <translation>本地轮数</translation>
    </message>
    <message>
        <source>Whole batch</source>
        <translation>整批</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>掉线概率</translation>
    </message>
    <message>
        <source>Slow share</source>
        <translation>慢设备比例</translation>
    </message>
    <message>
        <source>Slow factor</source>
        <translation>减速倍数</translation>
    </message>
    <message>
        <source>Round deadline</source>
        <translation>通信轮时限</translation>
    </message>
    <message>
        <source>Server learning rate</source>
        <translation>服务器学习率</translation>
    </message>
    <message>
        <source>Mu</source>
        <translation>μ</translation>
    </message>
    <message>
        <source>Partial work</source>
        <translation>计入部分工作</translation>
    </message>
    <message>
        <source>Graph</source>
        <translation>通信图</translation>
    </message>
    <message>
        <source>Edges</source>
        <translation>边</translation>
    </message>
    <message>
        <source>Staleness bound</source>
        <translation>陈旧度上限</translation>
    </message>
    <message>
        <source>Damping</source>
        <translation>阻尼</translation>
    </message>
    <message>
        <source>Backup workers</source>
        <translation>备份工作进程</translation>
    </message>
    <message>
        <source>Period steps</source>
        <translation>周期步数</translation>
    </message>
    <message>
        <source>Synchronous steps</source>
        <translation>同步步数</translation>
    </message>
    <message>
        <source>Averaging</source>
        <translation>平均方式</translation>
    </message>
    <message>
        <source>Micro batches</source>
        <translation>微批次数</translation>
    </message>
    <message>
        <source>Cuts</source>
        <translation>切分位置</translation>
    </message>
    <message>
        <source>Recompute</source>
        <translation>重计算</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Slow momentum</source>
        <translation>慢动量</translation>
    </message>
    <message>
        <source>Slow learning rate</source>
        <translation>慢学习率</translation>
    </message>
    <message>
        <source>clients</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>rounds</source>
        <translation>通信轮</translation>
    </message>
    <message>
        <source>micro-batches</source>
        <translation>微批次</translation>
    </message>
    <message>
        <source>s</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>Emulates slower workers: a half makes their forward and backward pass take twice as long. What a straggler costs, and what each exchange does about it, can so be seen.</source>
        <translation>模拟较慢的工作进程：取 0.5 则前向和反向用时加倍。由此可见掉队者的代价，以及各种交换方式如何应对。</translation>
    </message>
    <message>
        <source>Emulated link of these workers; between two workers the slower end counts. 0: as /network says.</source>
        <translation>这些工作进程的模拟链路带宽；两个工作进程之间以较慢的一端为准。0：按 /network 的设置。</translation>
    </message>
    <message>
        <source>One-way latency of these workers&apos; link; between two workers the longer one counts. 0: as /network says.</source>
        <translation>这些工作进程的链路单向延迟；两个工作进程之间以较长者为准。0：按 /network 的设置。</translation>
    </message>
    <message>
        <source>Stages that the layers are cut into, one behind the other, each on its own worker: memory and arithmetic of a stage, for what crosses the cuts, and some waiting (the bubble). What &quot;pipeline&quot; says of it only counts when this is more than 1.</source>
        <translation>各层依次切成的流水线阶段数，每个阶段由一个工作进程承担：各自只需一个阶段的内存与计算，代价是穿过切口的数据和一些等待（气泡）。仅当大于 1 时，“pipeline”一节的设置才起作用。</translation>
    </message>
    <message>
        <source>Parts that pairs of layers are cut into, column- and row-wise, each on its own worker: memory and arithmetic of a part, for two sums of activations a pair and step. A number that divides the widths of the layers.</source>
        <translation>成对的层按列、按行切成的份数，每份由一个工作进程承担：各自只需一份的内存与计算，代价是每对层每步对激活值求和两次。须能整除各层的宽度。</translation>
    </message>
    <message>
        <source>Which way the sum is made of n bytes at each of N workers, where a message costs alpha seconds and a byte beta. ring: each speaks to its neighbour only, 2 (N - 1) alpha + 2 (N - 1)/N n beta; fewest bytes, for large gradients and any network. halving-doubling: partners at distance 1, 2, 4, … swap halves of halves, 2 log2 N alpha + as many bytes as the ring; for many workers, best where N is a power of two (else + 2 alpha + 2 n beta) [Thakur et al. 2005]. double-tree: two binary trees, each for half of the vector and each within where the other has leaves, in chunks, about 2 log2 N alpha + 2 n beta; for many workers and gradients of middling size [Sanders et al. 2009]. hierarchical: reduce-scatter inside groups of workers, ring between the groups, all-gather inside; for several machines, of whose network each worker then uses only a 1/g. one-shot: everyone sends everyone everything, alpha + (N - 1) n beta; for tiny gradients. two-shot: everyone sends everyone its N-th to be summed, and the sum back, 2 alpha + 2 (N - 1)/N n beta; fewest bytes and few rounds, on a network that bears N - 1 at once. auto: measures all of them once for this machine, link and N, and takes the quickest for each bucket; the table is kept, so that the same seed gives the same bits.</source>
        <translation>N 个工作进程各有 n 字节时如何求和；设一条消息耗时 alpha 秒，一个字节耗时 beta 秒。ring（环）：各自只与邻居通信，2 (N - 1) alpha + 2 (N - 1)/N n beta；字节最少，适合大梯度和任何网络。halving-doubling（减半倍增）：与距离为 1, 2, 4, … 的伙伴逐次交换一半的一半，2 log2 N alpha + 与环相同的字节；适合工作进程多时，N 为 2 的幂最佳（否则另加 2 alpha + 2 n beta）[Thakur et al. 2005]。double-tree（双树）：两棵二叉树各负责半个向量，一棵的内部结点是另一棵的叶子，分块进行，约 2 log2 N alpha + 2 n beta；适合工作进程多、梯度大小适中时 [Sanders et al. 2009]。hierarchical（分层）：组内规约散播 (reduce-scatter)，组间走环，组内全收集 (all-gather)；适合多台机器，每个工作进程只占用机间网络的 1/g。one-shot（一次）：每个都向其他各个发送全部，alpha + (N - 1) n beta；适合极小的梯度。two-shot（两次）：每个都把各自的 N 分之一发给对应者求和，再取回结果，2 alpha + 2 (N - 1)/N n beta；字节最少、轮次少，但网络须承受 N - 1 路同时传输。auto（自动）：针对本机、链路和 N 把各种算法实测一次，为每个分桶选最快者；测得的表会保留，因此种子相同则结果逐位相同。</translation>
    </message>
    <message>
        <source>Of hierarchical: consecutive workers a group, best those of one machine. The last group may be smaller.</source>
        <translation>用于 hierarchical：每组的相邻工作进程数，最好同在一台机器。最后一组可以较小。</translation>
    </message>
    <message>
        <source>Asynchronous gossip (AD-PSGD)</source>
        <translation>异步 Gossip (AD-PSGD)</translation>
    </message>
    <message>
        <source>After each step a worker averages its parameters with one neighbour at random; nobody waits for a slow one.</source>
        <translation>每一步之后，工作进程与一个随机邻居对参数求平均；无人等待慢者。</translation>
    </message>
    <message>
        <source>The consensus step size: how far a step goes towards the neighbours. The coarser the codec, the smaller it must be, or differences grow instead of shrinking: 1 without a codec (that is gossip), 0.2 for top-k of 10 %, 0.02 for 1 %.</source>
        <translation>共识步长：一步向邻居靠拢多少。编解码器越粗糙，它就须越小，否则差异不减反增：不用编解码器时取 1（即 Gossip），10 % 的 top-k 取 0.2，1 % 的取 0.02。</translation>
    </message>
    <message>
        <source>Parameters are compressed in groups of at least this size, each with a codec of its own.</source>
        <translation>参数按不小于此值的分桶压缩，每个分桶各有一个编解码器。</translation>
    </message>
    <message>
        <source>Compressed gossip (CHOCO-SGD)</source>
        <translation>压缩 Gossip (CHOCO-SGD)</translation>
    </message>
    <message>
        <source>Gossip where workers send compressed changes of a public copy of their parameters; what a codec holds back comes later.</source>
        <translation>工作进程发送其参数公开副本的压缩变化量的 Gossip；编解码器扣下的部分稍后补上。</translation>
    </message>
    <message>
        <source>Of the step together. 0.7 in the paper.</source>
        <translation>共同一步的学习率；论文取 0.7。</translation>
    </message>
    <message>
        <source>mu of the Nesterov step together. 0.9 in the paper.</source>
        <translation>共同的 Nesterov 步的动量 mu；论文取 0.9。</translation>
    </message>
    <message>
        <source>DiLoCo</source>
        <translation>DiLoCo</translation>
    </message>
    <message>
        <source>Workers train alone for a hundred steps or more with AdamW, then take one Nesterov step together on what they moved. For workers that are far apart: 1/H of the traffic; set /optimizer to adamw.</source>
        <translation>各工作进程用 AdamW 独自训练上百步，再对各自的位移共同走一个 Nesterov 步。适合相距遥远的工作进程：流量为 1/H；请将 /optimizer 设为 adamw。</translation>
    </message>
    <message>
        <source>Elastic averaging</source>
        <translation>弹性平均 (EASGD)</translation>
    </message>
    <message>
        <source>Workers train apart and are pulled towards a common centre, and it towards them, every few steps.</source>
        <translation>各工作进程分头训练，每隔几步被拉向共同的中心，中心也被拉向它们。</translation>
    </message>
    <message>
        <source>tau, the steps that a worker makes alone between two visits to the centre. Bytes fall with it: 8 d / tau a step and worker.</source>
        <translation>tau，两次访问中心之间工作进程独自走的步数。字节随之减少：每步每进程 8 d / tau。</translation>
    </message>
    <message>
        <source>beta = N alpha: a visit moves worker and centre each by alpha = beta / N of the distance between them. Small: workers explore far; 0: they never meet; above 1 the centre would overshoot when all pull at once.</source>
        <translation>beta = N alpha：每次访问使工作进程与中心各移动二者距离的 alpha = beta / N。取小值则各自探索更远；取 0 则永不会合；大于 1 则全部同时拉动时中心会过冲。</translation>
    </message>
    <message>
        <source>Into how many pieces the centre is cut, one server&apos;s each in turn.</source>
        <translation>中心切成的份数，依次分给各服务器。</translation>
    </message>
    <message>
        <source>Ranks that only keep the centre, counted in /workers besides those that train. 0: shard s lies with worker s mod N, which serves it while it trains.</source>
        <translation>只保管中心的 rank 数，在 /workers 中另计于训练者之外。0：分片 s 由工作进程 s mod N 边训练边服务。</translation>
    </message>
    <message>
        <source>Adaptive server (FedAdam, FedYogi, FedAdagrad)</source>
        <translation>自适应服务器 (FedAdam, FedYogi, FedAdagrad)</translation>
    </message>
    <message>
        <source>Federated averaging whose server takes the clients&apos; mean change as a gradient for Adam: m = b1 m + (1 - b1) Delta, v = b2 v + (1 - b2) Delta^2, w += eta m / (sqrt(v) + tau). Parameters that change seldom (rare words, rare classes) take longer steps. Costs two vectors of memory on the server and no byte. The server learning rate is now the length of a step of each parameter: begin near 0.01, and tune it together with the clients&apos;.</source>
        <translation>服务器把各客户端的平均变化量当作梯度交给 Adam 的联邦平均：m = b1 m + (1 - b1) Delta, v = b2 v + (1 - b2) Delta^2, w += eta m / (sqrt(v) + tau)。很少变化的参数（罕见词、罕见类别）步子更大。代价是服务器上两个向量的内存，不增加字节。此时服务器学习率是每个参数一步的长度：从 0.01 附近开始，与客户端的学习率一起调。</translation>
    </message>
    <message>
        <source>adam: a moving mean of Delta^2. yogi: moves towards Delta^2 by steps that do not grow with their distance. adagrad: the sum of all, so that steps only get shorter.</source>
        <translation>adam：Delta^2 的滑动平均。yogi：以不随距离增大的步子趋近 Delta^2。adagrad：全部累加，因此步子只会越来越短。</translation>
    </message>
    <message>
        <source>Share of the old mean of the changes that is kept.</source>
        <translation>变化量滑动平均中旧值保留的比例。</translation>
    </message>
    <message>
        <source>Share of the old mean of their squares that is kept; not used by adagrad.</source>
        <translation>其平方的滑动平均中旧值保留的比例；adagrad 不使用。</translation>
    </message>
    <message>
        <source>Added to the root of v: how little it adapts. Large tau comes near to FedAvgM.</source>
        <translation>加在 v 的平方根上：越大则自适应越弱，很大时接近 FedAvgM。</translation>
    </message>
    <message>
        <source>Federated averaging (FedAvg)</source>
        <translation>联邦平均 (FedAvg)</translation>
    </message>
    <message>
        <source>Each round a few of many clients train on their own samples for E epochs, with a fresh optimiser, and the server takes the mean of their parameters, weighted by their numbers of samples n_k: w = sum n_k w_k / sum n_k. Samples never leave their client, and communication is paid once a round instead of once a step: 4d bytes down and up for each client. It wants few rounds where the clients&apos; samples look alike; where they do not, clients drift to their own optima, and more local work helps less (see fedprox and scaffold).</source>
        <translation>每个通信轮从众多客户端中抽出少数，各用自己的样本和全新的优化器训练 E 轮，服务器再按样本数 n_k 加权平均其参数：w = sum n_k w_k / sum n_k。样本从不离开客户端；通信每通信轮一次而非每步一次：每个客户端下行、上行各 4d 字节。各客户端样本相似时所需通信轮少；不相似时各自漂向自己的最优点，增加本地工作的收益随之减小（见 fedprox 和 scaffold）。</translation>
    </message>
    <message>
        <source>FedAvg with server momentum (FedAvgM)</source>
        <translation>带服务器动量的联邦平均 (FedAvgM)</translation>
    </message>
    <message>
        <source>Federated averaging whose server takes the clients&apos; mean change Delta as a gradient and keeps a velocity of it: v = beta v + Delta, w += eta v. Where a round&apos;s few clients hold few classes, their mean jumps from round to round, and the velocity averages over rounds. Costs one vector of memory on the server and no byte. beta = 0 is FedAvg; with a large beta take a smaller server learning rate, since the velocity grows to 1 / (1 - beta) times the change.</source>
        <translation>服务器把各客户端的平均变化量 Delta 当作梯度并保留其速度的联邦平均：v = beta v + Delta, w += eta v。一个通信轮的少数客户端只有少数几类时，其平均值逐轮跳动，速度则在各轮之间取平均。代价是服务器上一个向量的内存，不增加字节。beta = 0 即 FedAvg；beta 大时应取较小的服务器学习率，因为速度会增长到变化量的 1 / (1 - beta) 倍。</translation>
    </message>
    <message>
        <source>beta, the share of the last round&apos;s velocity that is kept.</source>
        <translation>beta，上一通信轮速度保留的比例。</translation>
    </message>
    <message>
        <source>K, the virtual clients that the dataset&apos;s partition is made for, whatever the number of workers: each keeps its samples for the whole run, and the workers train them in turn.</source>
        <translation>K，数据划分所针对的虚拟客户端数，与工作进程数无关：每个客户端在整个运行中保有自己的样本，由各工作进程轮流训练。</translation>
    </message>
    <message>
        <source>C, the share of the clients that is drawn for a round, by the seed; at least one client.</source>
        <translation>C，每个通信轮按种子抽取的客户端比例；至少一个。</translation>
    </message>
    <message>
        <source>How long the run is, where /training/max_steps does not say. A step is a round, and so is an epoch: /training/epochs is not used, and /training/evaluate_every_epochs counts rounds.</source>
        <translation>未设 /training/max_steps 时运行的长度。一步即一个通信轮，一轮也是：/training/epochs 不使用，/training/evaluate_every_epochs 以通信轮计。</translation>
    </message>
    <message>
        <source>E, a client&apos;s passes over its samples in a round, in batches of /training/batch_size (B); the last, smaller batch is used too. More save communication, and let clients drift apart where their samples differ.</source>
        <translation>E，每个通信轮中客户端遍历自己样本的次数，每批为 /training/batch_size (B)；最后较小的一批也使用。越多越省通信，但样本不同的客户端会漂移得越远。</translation>
    </message>
    <message>
        <source>B = infinity: one step an epoch with the gradient of all of the client&apos;s samples, computed in pieces of /training/batch_size. With one local epoch and all clients this is gradient descent on the whole dataset (FedSGD).</source>
        <translation>B = ∞：每轮一步，用客户端全部样本的梯度，按 /training/batch_size 分批计算。本地轮数为 1 且客户端全部参与时，即整个数据集上的梯度下降 (FedSGD)。</translation>
    </message>
    <message>
        <source>Chance that a chosen client gets the parameters and never answers, by the seed. The mean is over those that do.</source>
        <translation>被选中的客户端收到参数却不再应答的概率，按种子抽取。只对应答者求平均。</translation>
    </message>
    <message>
        <source>Chance that a client is a slow device, for the whole run, by the seed.</source>
        <translation>客户端在整个运行中为慢设备的概率，按种子抽取。</translation>
    </message>
    <message>
        <source>A slow client&apos;s local training takes so many times as long: its worker stands still for the rest.</source>
        <translation>慢客户端的本地训练用时为此倍数：多出的时间里其工作进程停着不动。</translation>
    </message>
    <message>
        <source>A client whose local training takes longer is left out of the round; 0 waits for all. Time is measured, so with a deadline the same seed need not give the same bits.</source>
        <translation>本地训练超过此时限的客户端不计入该通信轮；0 为等待全部。时间是实测的，因此设有时限时，种子相同未必逐位相同。</translation>
    </message>
    <message>
        <source>Length of the server&apos;s step along the mean of the clients&apos; changes. 1 is the plain mean of their parameters, but for the kinds that keep moments.</source>
        <translation>服务器沿客户端平均变化量所走的步长。取 1 即参数的普通平均，保留动量或二阶矩的种类除外。</translation>
    </message>
    <message>
        <source>FedProx</source>
        <translation>FedProx</translation>
    </message>
    <message>
        <source>Federated averaging with a proximal term: client k minimises F_k(w) + mu/2 ||w - w_t||^2, so that its local steps pull back towards the server&apos;s w_t. It holds clients together where their samples differ or they do unequal work, and takes what a slow client has done by the deadline instead of leaving it out. Costs one more pass over the parameters a local step and no byte more. mu = 0 is FedAvg; no value of mu suits all data: try 0.001, 0.01, 0.1, 1.</source>
        <translation>带近端项的联邦平均：客户端 k 最小化 F_k(w) + mu/2 ||w - w_t||^2，使本地步被拉回服务器的 w_t。样本不同或工作量不等时，它让客户端保持靠拢；慢客户端到时限为止完成的工作也计入，而不是弃之不用。代价是每个本地步多遍历一次参数，不增加字节。mu = 0 即 FedAvg；没有适合一切数据的 mu：可试 0.001, 0.01, 0.1, 1。</translation>
    </message>
    <message>
        <source>Weight of the proximal term. Too large holds the clients where they are; 0 is FedAvg.</source>
        <translation>近端项的权重。过大则客户端原地不动；0 即 FedAvg。</translation>
    </message>
    <message>
        <source>What a client has done by /exchange/round_deadline_seconds counts, with the weight of all its samples; otherwise it is left out of the round.</source>
        <translation>客户端到 /exchange/round_deadline_seconds 为止完成的工作计入平均，权重仍为其全部样本；否则不计入该通信轮。</translation>
    </message>
    <message>
        <source>Gossip (D-PSGD)</source>
        <translation>Gossip (D-PSGD)</translation>
    </message>
    <message>
        <source>Each worker averages its parameters with its neighbours&apos; and takes its own step; nobody waits for all.</source>
        <translation>每个工作进程与邻居对参数求平均，并走自己的一步；无人等待全体。</translation>
    </message>
    <message>
        <source>Who is whose neighbour. The fewer neighbours, the fewer bytes a step, and the slower all become alike: the spectral gap says how fast. ring: two neighbours, a gap of about 13 / N^2, good to some 16 workers. torus: four, the rectangle nearest to a square, a gap of order 1 / N (of a prime number of workers it is a ring). hypercube: log2 N, a gap of 2 / (1 + log2 N), for powers of two. exponential: one at a time, at distance 1, 2, 4, … in turn [Ying et al. NeurIPS 2021]; as few bytes as can be, and with a power of two of workers exact averages every log2 N steps. complete: all, exact at once, and the most bytes. edges: those of the field edges.</source>
        <translation>谁与谁相邻。邻居越少，每步字节越少，趋于一致也越慢：快慢由谱隙表示。ring（环）：两个邻居，谱隙约 13 / N^2，适合约 16 个工作进程以内。torus（环面）：四个邻居，取最接近正方形的矩形，谱隙为 1 / N 量级（工作进程数为质数时退化为环）。hypercube（超立方体）：log2 N 个邻居，谱隙 2 / (1 + log2 N)，用于 2 的幂。exponential（指数图）：每次一个邻居，距离依次为 1, 2, 4, … [Ying et al. NeurIPS 2021]；字节最少，工作进程数为 2 的幂时每 log2 N 步得到精确平均。complete（完全图）：全部为邻居，一次即精确，字节最多。edges：由 edges 字段给出。</translation>
    </message>
    <message>
        <source>Who is whose neighbour. The fewer neighbours, the fewer bytes a step, and the slower all become alike: the spectral gap says how fast. ring: two neighbours, a gap of about 13 / N^2, good to some 16 workers. torus: four, the rectangle nearest to a square, a gap of order 1 / N (of a prime number of workers it is a ring). hypercube: log2 N, a gap of 2 / (1 + log2 N), for powers of two. complete: all, exact at once, and the most bytes. edges: those of the field edges.</source>
        <translation>谁与谁相邻。邻居越少，每步字节越少，趋于一致也越慢：快慢由谱隙表示。ring（环）：两个邻居，谱隙约 13 / N^2，适合约 16 个工作进程以内。torus（环面）：四个邻居，取最接近正方形的矩形，谱隙为 1 / N 量级（工作进程数为质数时退化为环）。hypercube（超立方体）：log2 N 个邻居，谱隙 2 / (1 + log2 N)，用于 2 的幂。complete（完全图）：全部为邻居，一次即精确，字节最多。edges：由 edges 字段给出。</translation>
    </message>
    <message>
        <source>With the graph edges: pairs of ranks like 0-1, 1-2, 2-0. Every worker must be reached from every other.</source>
        <translation>用于 edges 图：成对的 rank，如 0-1, 1-2, 2-0。任意两个工作进程之间须连通。</translation>
    </message>
    <message>
        <source>GPipe</source>
        <translation>GPipe</translation>
    </message>
    <message>
        <source>All micro-batches go forward through the stages, then all of them back. The plainest schedule; every stage remembers the activations of the whole batch.</source>
        <translation>全部微批次先依次前向通过各阶段，再全部反向。最简单的调度；每个阶段须记住整批的激活值。</translation>
    </message>
    <message>
        <source>Local SGD</source>
        <translation>本地 SGD (Local SGD)</translation>
    </message>
    <message>
        <source>Workers train alone for H steps and then average their parameters: a H-th of the traffic. For slow links; evaluations between averages are of each worker&apos;s own parameters.</source>
        <translation>各工作进程独自训练 H 步再对参数求平均：流量为 1/H。适合慢速链路；两次平均之间的评估针对各工作进程自己的参数。</translation>
    </message>
    <message>
        <source>One forward, one backward</source>
        <translation>一前一后 (1F1B)</translation>
    </message>
    <message>
        <source>As soon as a micro-batch has come through, it goes back, and its activations can be forgotten: as fast as GPipe, with at most p - s micro-batches under way in stage s of p.</source>
        <translation>微批次一通过便开始反向，其激活值随即可以丢弃：与 GPipe 一样快，p 个阶段中的阶段 s 至多有 p - s 个微批次在途。</translation>
    </message>
    <message>
        <source>Workers send gradients to servers and go on with what these answer, in step or not.</source>
        <translation>工作进程把梯度发给服务器，再以其应答继续，可同步也可不同步。</translation>
    </message>
    <message>
        <source>sync: a step ends when every worker&apos;s gradient is in the average. async: the server updates its parameters with each gradient as it comes, with its own optimiser, and answers with them; nobody waits, but a gradient was computed on parameters that others have changed since (its staleness, series async/staleness) [Recht et al. Hogwild. NIPS 2011; Dean et al. NIPS 2012]. stale-synchronous: async, but no worker is more than staleness_bound steps ahead of the slowest [Ho et al. NIPS 2013]. A run that is not sync is never the same twice; each worker evaluates its own part of the test samples, and the run shows the mean.</source>
        <translation>sync（同步）：所有工作进程的梯度都计入平均后，一步才结束。async（异步）：梯度一到，服务器就用自己的优化器更新参数并以之应答；无人等待，但梯度所依据的参数此后可能已被他人更改（即陈旧度，序列 async/staleness）[Recht et al. Hogwild. NIPS 2011; Dean et al. NIPS 2012]。stale-synchronous（有界陈旧同步）：同 async，但任何工作进程领先最慢者不超过 staleness_bound 步 [Ho et al. NIPS 2013]。非 sync 的运行不会两次相同；各工作进程评估测试样本中自己的一份，运行显示其平均。</translation>
    </message>
    <message>
        <source>Into how many pieces the parameters are cut, each with a server. One shard makes its server&apos;s link the bottleneck; N shards share the load.</source>
        <translation>参数切成的份数，每份由一个服务器负责。一个分片会使其服务器的链路成为瓶颈，N 个分片则分担负载。</translation>
    </message>
    <message>
        <source>Ranks that only serve, counted in /workers besides those that train; shard s lies with the s-th of them, in turn. 0: shard s lies with worker s mod N, which serves it while it trains. With dedicated servers an asynchronous run outlives any lost worker.</source>
        <translation>只提供服务的 rank 数，在 /workers 中另计于训练者之外；各分片依次分给它们。0：分片 s 由工作进程 s mod N 边训练边服务。有专用服务器时，异步运行不会因失去任何工作进程而中断。</translation>
    </message>
    <message>
        <source>s of stale-synchronous: a worker begins step c only when every worker has made c - s steps, and then sees all of these. 0 is as strict as sync; large is async.</source>
        <translation>stale-synchronous 的 s：所有工作进程都完成 c - s 步后，才有工作进程开始第 c 步，且能看到这些步的全部更新。0 与 sync 一样严格，很大则等同 async。</translation>
    </message>
    <message>
        <source>What becomes of the learning rate in async and stale-synchronous. workers: over N, so that N gradients move the parameters as far as their mean would. inverse: over 1 + staleness of each gradient [Zhang et al. Staleness-aware Async-SGD. IJCAI 2016, arXiv:1511.05950]. none: as it is; with several workers it must then be small.</source>
        <translation>async 和 stale-synchronous 中如何调整学习率。workers：除以 N，使 N 个梯度的总位移与其平均相当。inverse：除以每个梯度的 1 + 陈旧度 [Zhang et al. Staleness-aware Async-SGD. IJCAI 2016, arXiv:1511.05950]。none：不调整；有多个工作进程时学习率须取小。</translation>
    </message>
    <message>
        <source>b of sync: the average is taken as soon as N - b gradients are there, by the server&apos;s optimiser; later ones are dropped and counted (series async/dropped_gradients), and their workers go on from the newest parameters. Stragglers hold up nobody, for b / N of the work [Chen et al. Revisiting Distributed Synchronous SGD. 2016].</source>
        <translation>sync 的 b：N - b 个梯度到齐即求平均，由服务器的优化器更新；迟到者丢弃并计数（序列 async/dropped_gradients），其工作进程从最新参数继续。掉队者不再拖累他人，代价是 b / N 的工作量 [Chen et al. Revisiting Distributed Synchronous SGD. 2016]。</translation>
    </message>
    <message>
        <source>In sync, gradients are exchanged in groups of at least this size, the first while the backward pass still computes the others.</source>
        <translation>sync 时，梯度按不小于此值的分桶交换；反向传播还在计算其余部分时，第一桶就已开始交换。</translation>
    </message>
    <message>
        <source>H: steps that every worker makes alone before all average. Bytes fall to 1/H; the longer the period, the further the workers drift apart.</source>
        <translation>H：全体求平均之前每个工作进程独自走的步数。字节降为 1/H；周期越长，各工作进程漂移得越远。</translation>
    </message>
    <message>
        <source>Average after every step until here, and only then every H: post-local SGD [Lin et al. Don&apos;t Use Large Mini-Batches, Use Local SGD. ICLR 2020]. The first steps matter most.</source>
        <translation>到此步为止每步都求平均，之后才每 H 步一次：即 post-local SGD [Lin et al. Don&apos;t Use Large Mini-Batches, Use Local SGD. ICLR 2020]。最初的步最为重要。</translation>
    </message>
    <message>
        <source>How the average is made: all-reduce or a synchronous parameter-server. The codec of /gradient is applied to what the workers have moved since the last average.</source>
        <translation>如何求平均：all-reduce（全规约）或同步的 parameter-server（参数服务器）。/gradient 的编解码器应用于工作进程自上次平均以来的位移。</translation>
    </message>
    <message>
        <source>Portions that a worker&apos;s batch is cut into, so that stages work at the same time. More of them make the bubble smaller, (p - 1) / (m + p - 1), and each product narrower; multiples of 16 samples in each use the processor best. Batch norm takes the statistics of each by itself. Must divide /training/batch_size.</source>
        <translation>工作进程的一批切成的份数，使各阶段能同时工作。份数越多，气泡 (p - 1) / (m + p - 1) 越小，但每次矩阵乘也越窄；每份样本数为 16 的倍数时处理器利用最好。批归一化对每份单独统计。须能整除 /training/batch_size。</translation>
    </message>
    <message>
        <source>Where the model is cut: &quot;balanced&quot; gives the slowest stage as little arithmetic as can be; or the names of the layers that begin the second stage, the third and so on, with commas between them.</source>
        <translation>模型在何处切分：“balanced”使最慢的阶段计算量尽可能小；或给出第二、第三等阶段的起始层名称，以逗号分隔。</translation>
    </message>
    <message>
        <source>Keeps only what comes into a stage of each micro-batch, and makes its forward pass a second time before the backward pass [Chen et al. 2016]: a third more arithmetic, for the memory of all that lies within the stage. The numbers stay the same.</source>
        <translation>每个微批次只保留阶段的输入，反向之前再做一次前向 [Chen et al. 2016]：计算量增加三分之一，省下阶段内部的全部激活内存。数值结果不变。</translation>
    </message>
    <message>
        <source>SCAFFOLD</source>
        <translation>SCAFFOLD</translation>
    </message>
    <message>
        <source>Federated averaging with control variates: each client remembers its own mean gradient c_k, the server that of all, c, and every local step goes along g_k - c_k + c. So a client with other samples than the rest still steps where all would, and many local epochs do not end in a bias. Costs twice FedAvg&apos;s bytes both ways (parameters and variates), a vector for each client that ever took part, and one more pass over the parameters a local step. It helps where clients differ and come back often; a client that comes once in a thousand rounds has a stale c_k.</source>
        <translation>带控制变量的联邦平均：每个客户端记住自己的平均梯度 c_k，服务器记住全体的 c，每个本地步沿 g_k - c_k + c 前进。这样，样本与众不同的客户端仍朝全体的方向走，本地轮数多也不致产生偏差。代价是双向字节为 FedAvg 的两倍（参数与控制变量）、每个参与过的客户端一个向量，以及每个本地步多遍历一次参数。适合客户端差异大且经常参与的情形；一千个通信轮才来一次的客户端，其 c_k 已经陈旧。</translation>
    </message>
    <message>
        <source>Up to so much of its clients&apos; variates each worker keeps in memory; the rest goes to a file in the run&apos;s folder, which is gone when the worker ends. A checkpoint holds them all.</source>
        <translation>每个工作进程在内存中最多保存这么多的客户端控制变量；其余写入运行文件夹中的一个文件，工作进程结束时删除。检查点包含全部。</translation>
    </message>
    <message>
        <source>beta: how much of the last averages&apos; direction is kept. 0 is plain local SGD.</source>
        <translation>beta：保留多少以往各次平均的方向。0 即普通的本地 SGD。</translation>
    </message>
    <message>
        <source>alpha: how far to go towards, or past, the average. 1 in the paper.</source>
        <translation>alpha：向平均值走多远，可越过它。论文取 1。</translation>
    </message>
    <message>
        <source>SlowMo</source>
        <translation>SlowMo</translation>
    </message>
    <message>
        <source>Local SGD with a slow momentum across the averages: wins back the accuracy that long periods lose, at no more traffic and one more vector of memory.</source>
        <translation>在各次平均之间加入慢动量的本地 SGD：挽回长周期损失的准确率，流量不变，内存多一个向量。</translation>
    </message>
</context>
</TS>
