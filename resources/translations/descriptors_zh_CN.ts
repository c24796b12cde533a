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
        <source>A second file with the same columns to test on, instead of test_fraction.</source>
        <translation>列相同的另一个文件，用作测试集，代替 test_fraction。</translation>
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
        <source>Width and height of a sample; images are stretched to it.</source>
        <translation>样本的宽和高，图像会拉伸到此尺寸。</translation>
    </message>
    <message>
        <source>3 for colour, 1 for grey.</source>
        <translation>3 为彩色，1 为灰度。</translation>
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
        <source>Shared memory</source>
        <translation>共享内存</translation>
    </message>
    <message>
        <source>A ring of bytes in memory for every ordered pair of ranks, all of them processes of one host; each proves the run&apos;s secret first.</source>
        <translation>每一对有序的 rank 之间在内存中有一个字节环，所有 rank 都是同一主机上的进程；双方先以运行密钥相互验证。</translation>
    </message>
    <message>
        <source>gRPC over TCP</source>
        <translation>gRPC（TCP）</translation>
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
        <source>Jitter</source>
        <translation>抖动</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Jitter of the emulated link: each message&apos;s latency is uniform between latency_ms minus and plus this, and not below 0. What is sent later waits for what is late.</source>
        <translation>模拟链路的抖动：每条消息的延迟在 latency_ms 减去与加上该值之间均匀分布，且不小于 0。后发送的消息要等待迟到的消息。</translation>
    </message>
    <message>
        <source>Share of the messages that the emulated link loses. Each is sent again after a retransmission time of at least 200 ms that doubles with every loss, as by TCP; nothing is missing in the end.</source>
        <translation>模拟链路丢失的消息比例。丢失的消息在至少 200 ms 的重传时间后再次发送，每丢失一次该时间加倍，与 TCP 相同；最终不会缺少任何内容。</translation>
    </message>
    <message>
        <source>Jitter of these workers&apos; own emulated link, on top of /network&apos;s and of the other end&apos;s.</source>
        <translation>这些工作进程自己的模拟链路的抖动，与 /network 及对端的抖动相加。</translation>
    </message>
    <message>
        <source>Share of the messages that these workers&apos; own emulated link loses, besides what /network and the other end lose.</source>
        <translation>这些工作进程自己的模拟链路丢失的消息比例，此外还有 /network 与对端丢失的部分。</translation>
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
        <source>beta = N alpha: a visit moves worker and centre each by alpha = beta / N of the distance between them. Small: workers explore far; 0: they never meet; above 1 the centre would overshoot when all pull at once.</source>
        <translation>beta = N alpha：每次访问使工作进程与中心各移动二者距离的 alpha = beta / N。取小值则各自探索更远；取 0 则永不会合；大于 1 则全部同时拉动时中心会过冲。</translation>
    </message>
    <message>
        <source>Into how many pieces the centre is cut, one server&apos;s each in turn.</source>
        <translation>中心切成的份数，依次分给各服务器。</translation>
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
    <message>
        <source>Bandwidth of these workers&apos; own emulated link; between two workers the narrowest of both ends&apos; and /network&apos;s counts. 0: as /network says.</source>
        <translation>这些工作进程自己的模拟链路带宽；两个工作进程之间取两端与 /network 中最窄者。0：按 /network 的设置。</translation>
    </message>
    <message>
        <source>One-way latency that these workers&apos; own emulated link adds to /network&apos;s, and to that of the worker at the other end.</source>
        <translation>这些工作进程自己的模拟链路的单向延迟，与 /network 及对端工作进程的延迟相加。</translation>
    </message>
    <message>
        <source>Adaptive threshold</source>
        <translation>自适应阈值</translation>
    </message>
    <message>
        <source>Sends what exceeds a threshold that follows the gradient, about a given share.</source>
        <translation>发送超过阈值的元素，阈值随梯度调整，发送比例大致给定。</translation>
    </message>
    <message>
        <source>k/d, the share of elements that is aimed at; half to twice as many are sent, 8 bytes each, and plan tells the twice. The threshold is that of the step before, corrected by the tail above it, which costs next to nothing where top-k searches; and a burst of large elements is let through, a quiet step sends less. Take top-k where every payload must be of one size.</source>
        <translation>k/d，目标发送比例；实际为其一半到两倍，每个元素占 8 字节，方案按两倍预计。阈值取自上一步，并按超出它的尾部修正，几乎不费时间，而 top-k 须要搜索；大元素集中出现时照发，平静的步则少发。要求每个载荷大小相同时请用 top-k。</translation>
    </message>
    <message>
        <source>ATOMO (spectral)</source>
        <translation>ATOMO（谱）</translation>
    </message>
    <message>
        <source>Draws a few singular triples of each block of a gradient matrix, right on average.</source>
        <translation>从梯度矩阵的每个块中抽取少数奇异三元组，平均而言无偏。</translation>
    </message>
    <message>
        <source>Atoms</source>
        <translation>原子数</translation>
    </message>
    <message>
        <source>s, the triples (sigma, u, v) that are sent of each block of b rows and m columns, s (b + m) floats of b m. A triple is drawn with a chance p in proportion to sigma, 1 at most, and sent as (sigma / p) u v^T: the expectation is the gradient, so nothing needs to be remembered, and errors average out over many workers. For workers that come and go, whose residual would be lost; PowerSGD errs less for as many bytes. It costs an eigendecomposition a block and one round, but payloads are gathered: bytes grow with the number of workers.</source>
        <translation>s，每个 b 行 m 列的块所发送的三元组 (sigma, u, v) 数，即 b m 个浮点数只发 s (b + m) 个。三元组以正比于 sigma 的概率 p（至多为 1）抽取，作为 (sigma / p) u v^T 发送：期望即为梯度，因此无须记忆残差，误差在众多工作进程之间平均抵消。适合时来时去、残差会丢失的工作进程；同样字节下 PowerSGD 误差更小。每块须做一次特征分解，通信只需一轮，但载荷须收集：字节随工作进程数增长。</translation>
    </message>
    <message>
        <source>Block rows</source>
        <translation>块行数</translation>
    </message>
    <message>
        <source>Matrices are cut into blocks of at most this many rows, each decomposed by itself. Larger blocks send less and err more; time grows with their square.</source>
        <translation>矩阵切成至多这么多行的块，各自分解。块越大，发送越少而误差越大；用时随其平方增长。</translation>
    </message>
    <message>
        <source>bfloat16</source>
        <translation>bfloat16</translation>
    </message>
    <message>
        <source>Sends each element in 2 bytes, with a float&apos;s range and 8 bits of precision: take it where fp16 would overflow or lose small elements. Payloads are gathered, so above 4 workers an all-reduce of fp16 moves less.</source>
        <translation>每个元素用 2 字节发送，范围同 32 位浮点数，精度 8 位：适合 fp16 会溢出或丢失小元素的场合。载荷须收集，因此工作进程多于 4 个时，fp16 的全规约传输更少。</translation>
    </message>
    <message>
        <source>Deep gradient compression</source>
        <translation>深度梯度压缩 (DGC)</translation>
    </message>
    <message>
        <source>Sends the largest of the velocity that gathered; set the optimiser&apos;s momentum to 0.</source>
        <translation>发送累积速度中最大的元素；请将优化器的动量设为 0。</translation>
    </message>
    <message>
        <source>k/d, the share of elements that is sent once the warm-up is over, 8 bytes each. The paper trains at 0.001 as well as without compression. Takes a pass more over memory than top-k, and two vectors as long as the gradient.</source>
        <translation>k/d，预热结束后发送的元素比例，每个占 8 字节。论文中取 0.001 时训练效果与不压缩相当。比 top-k 多遍历一次内存，另需两个与梯度等长的向量。</translation>
    </message>
    <message>
        <source>m of u = m u + g. It is the optimiser&apos;s momentum, moved to before the sending so that what waits gathers it too: set /optimizer/momentum to 0, or it acts twice.</source>
        <translation>u = m u + g 中的 m。它就是优化器的动量，移到发送之前，使等待发送的部分也累积动量：请将 /optimizer/momentum 设为 0，否则会作用两次。</translation>
    </message>
    <message>
        <source>Clip norm</source>
        <translation>裁剪范数</translation>
    </message>
    <message>
        <source>Each worker&apos;s gradient is scaled down to this norm, bucket by bucket, before it gathers; 0: never. For recurrent networks: the norm at which one would clip the average, over the root of the number of workers.</source>
        <translation>每个工作进程的梯度在累积之前逐分桶缩小到此范数；0：不裁剪。用于循环网络：取对平均梯度的裁剪范数除以工作进程数的平方根。</translation>
    </message>
    <message>
        <source>Warm up steps</source>
        <translation>预热步数</translation>
    </message>
    <message>
        <source>Over these first steps the share falls by quarters, 25, 6.25, 1.6 and 0.4 % for a fourth of them each, since early gradients change fast; the paper takes 4 epochs. plan then tells the bytes of the beginning. 0: none.</source>
        <translation>在最初这些步内，发送比例逐次降为四分之一：25、6.25、1.6 和 0.4 %，各占四分之一的步数，因为早期梯度变化快；论文取 4 轮。此时方案给出的是起始阶段的字节。0：不预热。</translation>
    </message>
    <message>
        <source>Remembers what the codecs behind it lose of a gradient; the first of a chain.</source>
        <translation>记住其后各编解码器丢失的梯度部分；须为链中第一个。</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>变体</translation>
    </message>
    <message>
        <source>ef: adds what was lost to the next gradient. ef21: sends how the gradient differs from all that was sent before, and everyone adds that up; nothing waits long, and steps are as even as the gradients. econtrol: ef21, and eta of what it lost so far. The last two need an exchange in step that averages gradients: all-reduce, or a synchronous parameter-server.</source>
        <translation>ef：把丢失的部分加到下一次梯度上。ef21：发送梯度与此前已发送总和之差，由各方累加；没有什么会久等，步子与梯度一样平稳。econtrol：在 ef21 之上，再发送迄今丢失部分的 eta 倍。后两者需要对梯度求平均的同步交换：all-reduce 或同步的 parameter-server。</translation>
    </message>
    <message>
        <source>Eta</source>
        <translation>η</translation>
    </message>
    <message>
        <source>Of econtrol: the share of what was lost so far that is sent along; about the share of a gradient that the codecs keep. Much more makes it swing.</source>
        <translation>用于 econtrol：迄今丢失部分中一并发送的比例；大致取编解码器保留的梯度比例。过大会引起振荡。</translation>
    </message>
    <message>
        <source>8-bit floating point</source>
        <translation>8 位浮点数 (fp8)</translation>
    </message>
    <message>
        <source>Sends each element as an 8-bit float, scaled so that the largest magnitude of its block just fits. A quarter of the bytes; better than int8 where a block&apos;s elements differ by orders of magnitude, worse where they do not.</source>
        <translation>每个元素以 8 位浮点数发送，并缩放使其块中最大幅值恰好容下。字节降为四分之一；块内元素相差数个量级时优于 int8，否则不如。</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>e4m3: 4 bits of exponent, relative error up to 1/16 over a range of 2^15 to 1. e5m2: up to 1/8, over 2^30 to 1.</source>
        <translation>e4m3：4 位指数，在 2^15 比 1 的范围内相对误差至多 1/16。e5m2：至多 1/8，范围 2^30 比 1。</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>块大小</translation>
    </message>
    <message>
        <source>elements</source>
        <translation>元素</translation>
    </message>
    <message>
        <source>Elements that share one scale, a multiple of 64.</source>
        <translation>共用一个缩放系数的元素数，须为 64 的倍数。</translation>
    </message>
    <message>
        <source>8-bit integers</source>
        <translation>8 位整数 (int8)</translation>
    </message>
    <message>
        <source>Sends each element in one byte, as the nearest of 255 even steps between the largest magnitudes of its block: a quarter of the bytes for an error of about one per cent. Try it first; where that error still matters, take fp16.</source>
        <translation>每个元素用一个字节发送，取其块最大幅值之间 255 个等距级中最近的一个：字节降为四分之一，误差约百分之一。可先试它；若此误差仍有影响，改用 fp16。</translation>
    </message>
    <message>
        <source>Elements that share one scale, a multiple of 64. Small blocks keep an outlier from coarsening the others, and cost 4 bytes each.</source>
        <translation>共用一个缩放系数的元素数，须为 64 的倍数。块小则个别离群值不致降低其他元素的精度，代价是每块 4 字节。</translation>
    </message>
    <message>
        <source>Momentum correction</source>
        <translation>动量修正</translation>
    </message>
    <message>
        <source>Momentum before the codecs behind it, which remembers what they lose; the first of a chain. The optimiser&apos;s own momentum belongs at 0 then.</source>
        <translation>在其后各编解码器之前施加动量，并记住它们丢失的部分；须为链中第一个。此时优化器自身的动量应设为 0。</translation>
    </message>
    <message>
        <source>m: how much of the velocity a step keeps.</source>
        <translation>m：每步保留的速度比例。</translation>
    </message>
    <message>
        <source>Masking</source>
        <translation>掩蔽</translation>
    </message>
    <message>
        <source>Stops the velocity of elements that were sent, so that stale momentum does not carry them on. Only codecs that choose elements leave others unsent.</source>
        <translation>已发送元素的速度归零，以免陈旧的动量继续推动它们。只有挑选元素的编解码器才会留下未发送的元素。</translation>
    </message>
    <message>
        <source>Natural compression</source>
        <translation>自然压缩</translation>
    </message>
    <message>
        <source>Sends sign and exponent of each element, 9 bits, rounded at random to one of the two powers of two around it: unbiased, at most an eighth more variance, no scale to share. A safe choice where elements differ by orders of magnitude.</source>
        <translation>发送每个元素的符号和指数，共 9 位，随机舍入到相邻两个 2 的幂之一：无偏，方差至多增加八分之一，无须共用缩放系数。元素相差数个量级时的稳妥之选。</translation>
    </message>
    <message>
        <source>1-bit SGD</source>
        <translation>1-bit SGD</translation>
    </message>
    <message>
        <source>Sends one bit an element, and for each block the mean of its positive and of its negative elements; the rest waits in a residual. As small as signSGD, and nearer where gradients lean to one side.</source>
        <translation>每个元素发送一位，每块另发其正元素和负元素各自的均值；其余留在残差中。与 signSGD 一样小，梯度偏向一侧时更接近。</translation>
    </message>
    <message>
        <source>Adds what was not sent to the next gradient. Without it the paper&apos;s training diverges.</source>
        <translation>把未发送的部分加到下一次梯度上；论文中没有它训练会发散。</translation>
    </message>
    <message>
        <source>Elements that share their two values, a multiple of 64; the paper takes the columns of its matrices.</source>
        <translation>共用两个值的元素数，须为 64 的倍数；论文按矩阵的列取。</translation>
    </message>
    <message>
        <source>PowerSGD</source>
        <translation>PowerSGD</translation>
    </message>
    <message>
        <source>Sends each gradient matrix as a product of two thin ones, which an all-reduce can sum.</source>
        <translation>把每个梯度矩阵作为两个瘦矩阵之积发送，可由全规约求和。</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>秩</translation>
    </message>
    <message>
        <source>r. A matrix M of n x m becomes P Q^T, r (n + m) floats instead of n m, found by one step of power iteration: P = M Q, made orthonormal, Q = M^T P. Of LeNet-300-100&apos;s 266,610 floats 2,004, 3,598 or 6,786 are sent with r = 1, 2 or 4, the usual ones; biases, and matrices that would not get smaller, go as they are. P and Q are sums over the workers, so an all-reduce sends as little with a hundred as with two: for large layers, many workers and slow networks. The price is two rounds, one after the other, since Q needs the sum of P: twice the latency, and two thin matrix products a step. Elsewhere (a server, neighbours) each worker&apos;s P and Q go in one message.</source>
        <translation>r。n x m 的矩阵 M 变为 P Q^T，以 r (n + m) 个浮点数代替 n m 个，由一步幂迭代求得：P = M Q 并正交归一化，Q = M^T P。LeNet-300-100 的 266,610 个浮点数在常用的 r = 1、2、4 时只发送 2,004、3,598 或 6,786 个；偏置和不会变小的矩阵原样发送。P 和 Q 是对各工作进程求和，因此全规约在一百个工作进程时与两个时发送量一样少：适合大层、多工作进程和慢速网络。代价是先后两轮通信，因为 Q 需要 P 的和：延迟加倍，每步另有两次瘦矩阵乘。在其他交换中（服务器、邻居），每个工作进程的 P 和 Q 合为一条消息。</translation>
    </message>
    <message>
        <source>Warm start</source>
        <translation>热启动</translation>
    </message>
    <message>
        <source>Begins each step&apos;s iteration with the last one&apos;s Q, so that it goes on towards the best approximation of rank r. Without it, each step begins with random numbers.</source>
        <translation>每步的迭代从上一步的 Q 开始，从而持续趋近最佳的秩 r 近似；否则每步从随机数开始。</translation>
    </message>
    <message>
        <source>Adds what was not sent to the next gradient. Without it, directions beyond the first r never arrive.</source>
        <translation>把未发送的部分加到下一次梯度上；否则前 r 个以外的方向永远不会送达。</translation>
    </message>
    <message>
        <source>QSGD</source>
        <translation>QSGD</translation>
    </message>
    <message>
        <source>Sends each element as one of a few levels of its block&apos;s norm, drawn so that the mean is the gradient: the number of levels trades bytes for noise, from TernGrad&apos;s 2 bits to 8. Needs no residual.</source>
        <translation>每个元素量化为其块范数的若干级之一，随机抽取使均值等于梯度：级数在字节与噪声之间取舍，从 TernGrad 的 2 位到 8 位。无须残差。</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>级数</translation>
    </message>
    <message>
        <source>s, the levels above 0. Fixed coding takes 2 bits for 1, 4 for up to 7, 8 for more; the error is at most norm / s an element.</source>
        <translation>s，0 以上的级数。定长编码在 1 级时用 2 位，至多 7 级时用 4 位，更多则用 8 位；每个元素的误差至多为范数 / s。</translation>
    </message>
    <message>
        <source>Elements that share one norm, a multiple of 64; the paper&apos;s bucket. Small blocks have less noise, and cost 4 bytes each.</source>
        <translation>共用一个范数的元素数，须为 64 的倍数；即论文中的 bucket。块小则噪声小，代价是每块 4 字节。</translation>
    </message>
    <message>
        <source>Norm</source>
        <translation>范数</translation>
    </message>
    <message>
        <source>What is divided into levels: the largest magnitude, with less noise, or the Euclidean norm of the theory, with which most levels are 0 and Elias coding is short.</source>
        <translation>按级划分的量：max（最大幅值）噪声较小；l2（理论所用的欧氏范数）使多数级为 0，Elias 编码因而很短。</translation>
    </message>
    <message>
        <source>Coding</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Fixed: every element the same bits, fast. Elias: small levels and runs of zeros are shorter, some 20 times slower; the bytes foretold are then the worst case.</source>
        <translation>fixed（定长）：每个元素位数相同，速度快。elias：小的级和连续的零更短，约慢 20 倍；此时预计的字节为最坏情形。</translation>
    </message>
    <message>
        <source>Random-k sparsification</source>
        <translation>Random-k 稀疏化</translation>
    </message>
    <message>
        <source>Sends k elements that every worker draws alike: no indices travel, and payloads add up.</source>
        <translation>发送各工作进程一致抽取的 k 个元素：无须传输下标，载荷可直接相加。</translation>
    </message>
    <message>
        <source>k/d, the share of elements that is sent. Each costs 4 bytes, half of top-k&apos;s, and an all-reduce sums them where top-k must gather: bytes do not grow with the workers. But top-k sends what matters most, random-k anything: it takes more steps, about d/k of them until each element was sent once. For many workers, slow networks, and as the yardstick of every cleverer choice.</source>
        <translation>k/d，即发送的元素比例。每个占 4 字节，为 top-k 的一半；可由全规约求和，而 top-k 须收集：字节不随工作进程数增长。但 top-k 发送最重要的，random-k 则随意：需要更多的步，约 d/k 步才能把每个元素发送一遍。适合多工作进程和慢速网络，也是衡量一切更聪明选法的标尺。</translation>
    </message>
    <message>
        <source>Adds what was not drawn to the next gradient, and sends values as they are. Off: nothing is remembered.</source>
        <translation>把未抽中的部分加到下一次梯度上，并原样发送数值。关：不记忆任何内容。</translation>
    </message>
    <message>
        <source>Unbiased</source>
        <translation>无偏</translation>
    </message>
    <message>
        <source>Without error feedback: values are sent times d/k, so that the expectation is the gradient; its variance grows by d/k - 1, so learn slower. Off: as they are, k/d of the gradient on average. With error feedback it says nothing.</source>
        <translation>没有误差反馈时：数值乘以 d/k 发送，使期望等于梯度；方差增加 d/k - 1 倍，因此学习率应取小。关：原样发送，平均为梯度的 k/d。有误差反馈时不起作用。</translation>
    </message>
    <message>
        <source>signSGD with error feedback</source>
        <translation>带误差反馈的 signSGD</translation>
    </message>
    <message>
        <source>Sends one bit an element, its sign, and the mean magnitude of each block; what that leaves out waits in a residual. A thirtieth of the bytes, and with error feedback SGD&apos;s rate of convergence.</source>
        <translation>每个元素发送一位符号，每块另发平均幅值；遗漏的部分留在残差中。字节约为三十分之一，有误差反馈时收敛速度与 SGD 同阶。</translation>
    </message>
    <message>
        <source>Adds what was not sent to the next gradient. Without it the sign is biased: it may not converge, and generalises worse.</source>
        <translation>把未发送的部分加到下一次梯度上；否则符号有偏：可能不收敛，泛化也较差。</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>缩放系数</translation>
    </message>
    <message>
        <source>Size of a sign: mean |x| of the block, or 1 as in the first paper, where the learning rate alone sets the step (about 1e-4); only without error feedback.</source>
        <translation>符号的大小：mean 取块内 |x| 的均值；one 取 1，如最初的论文，步长全由学习率决定（约 1e-4），仅用于没有误差反馈时。</translation>
    </message>
    <message>
        <source>Count sketch</source>
        <translation>计数草图 (Count Sketch)</translation>
    </message>
    <message>
        <source>Sends the largest elements in a small table that adds up, whoever chose which.</source>
        <translation>把最大的元素放入一个可相加的小表发送，不论各方选了哪些。</translation>
    </message>
    <message>
        <source>Cells of the table over d; each costs 4 bytes. An all-reduce sums tables, so bytes do not grow with the N workers, where top-k&apos;s k indices and values go from everyone to everyone: a table of the same k is smaller from about N = rows / load on, 50 with the defaults. Below, top-k is cheaper and exact, and some ten times as fast.</source>
        <translation>表的单元数除以 d；每个单元占 4 字节。表由全规约求和，字节不随 N 个工作进程增长，而 top-k 的 k 个下标和数值须由每个发给每个：k 相同时，约从 N = rows / load（默认值下为 50）起表更小。低于此数，top-k 更省、精确，且约快十倍。</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>r, an odd number: estimates are medians of so many cells. More rows forgive more collisions, of shorter rows.</source>
        <translation>r，奇数：估计值取这么多单元的中位数。行多则更能容忍冲突，但每行更短。</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>k/c, elements that a worker sends over the columns of a row. All workers&apos; together should stay below about a half, or estimates of different elements mix.</source>
        <translation>k/c，工作进程发送的元素数除以一行的列数。全部工作进程合计应低于约二分之一，否则不同元素的估计会相互混淆。</translation>
    </message>
    <message>
        <source>Adds to the next gradient what this worker&apos;s own table does not give back. What only goes wrong in the sum of tables is not made good.</source>
        <translation>把此工作进程自己的表未能还原的部分加到下一次梯度上。仅在各表求和时产生的误差不予补偿。</translation>
    </message>
    <message>
        <source>Of the hash functions, the same for all workers and steps.</source>
        <translation>哈希函数的种子，各工作进程、各步相同。</translation>
    </message>
    <message>
        <source>TernGrad</source>
        <translation>TernGrad</translation>
    </message>
    <message>
        <source>Sends -1, 0 or 1 for each element, drawn so that the mean is the gradient, and one scale a block: a sixteenth of the bytes, without a residual to keep. The noise asks for large batches or many workers, over which it averages out.</source>
        <translation>每个元素发送 -1、0 或 1，随机抽取使均值等于梯度，每块另发一个缩放系数：字节为十六分之一，无须保存残差。噪声须靠大批或众多工作进程平均抵消。</translation>
    </message>
    <message>
        <source>Clip sigmas</source>
        <translation>裁剪标准差倍数</translation>
    </message>
    <message>
        <source>Magnitudes beyond this many standard deviations of their block are cut to it before; 0 for never. Less noise for a little bias.</source>
        <translation>幅值超过其块标准差的此倍数时先裁剪到该值；0 为不裁剪。以少许偏差换取更小的噪声。</translation>
    </message>
    <message>
        <source>Elements that share one scale, a multiple of 64; the paper takes a layer.</source>
        <translation>共用一个缩放系数的元素数，须为 64 的倍数；论文按层取。</translation>
    </message>
    <message>
        <source>Hard threshold</source>
        <translation>硬阈值</translation>
    </message>
    <message>
        <source>Sends every element larger than a threshold; the rest waits in a residual.</source>
        <translation>发送大于阈值的全部元素，其余留在残差中。</translation>
    </message>
    <message>
        <source>t: elements with |x| &gt; t are sent, 8 bytes each; 0 sends all that are not zero. No element is ever owed more than t, whereas top-k owes whatever did not fit: over a whole run the same bytes leave less error. But bytes follow the gradient, most of them at first, up to the dense 4 an element; plan tells that most. Pick t from the gradient&apos;s norm in a short run; it does not carry over to another model or learning rate. Where a given share is wanted, take adaptive-threshold.</source>
        <translation>t：发送 |x| &gt; t 的元素，每个占 8 字节；0 则发送全部非零元素。任何元素的欠账都不超过 t，而 top-k 会欠下一切放不下的：整个运行下来，同样字节的误差更小。但字节随梯度变化，开始时最多，可达稠密的每元素 4 字节；方案给出此上限。t 可按一次短运行中的梯度范数选取，换模型或学习率后须重选。需要固定比例时请用 adaptive-threshold。</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Selection</source>
        <translation>选取方式</translation>
    </message>
    <message>
        <source>exact: always the k largest. sampled: what exceeds a threshold that is guessed from a sample of the elements, at most k and at least k/2 of the largest, as in Deep Gradient Compression [Lin et al. ICLR 2018]; it spares the last count among the candidates, a few percent of the time.</source>
        <translation>exact（精确）：总是最大的 k 个。sampled（抽样）：超过由部分元素抽样估计的阈值者，为最大元素中的 k/2 至 k 个，如 Deep Gradient Compression [Lin et al. ICLR 2018]；省去候选中的最后一次计数，即百分之几的时间。</translation>
    </message>
    <message>
        <source>Zstandard</source>
        <translation>Zstandard</translation>
    </message>
    <message>
        <source>Packs what the codecs before it make, without loss; the last of a chain.</source>
        <translation>无损压缩其前各编解码器的输出；须为链中最后一个。</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>压缩级别</translation>
    </message>
    <message>
        <source>Higher packs closer and takes longer; below 0 it is fastest. Values of gradients look like noise: beyond 3 little is won.</source>
        <translation>越高压得越紧、用时越长；小于 0 最快。梯度数值近似噪声：超过 3 收益甚微。</translation>
    </message>
    <message>
        <source>Chunks</source>
        <translation>模型块数</translation>
    </message>
    <message>
        <source>pieces</source>
        <translation>块</translation>
    </message>
    <message>
        <source>Pieces of the model on each stage. More of them make the bubble smaller, (p - 1) / (m chunks + p - 1), for as many times the messages. The model needs chunks times as many places to cut, and &quot;cuts&quot; names a layer for each piece but the first.</source>
        <translation>每个阶段所含的模型块数。块越多，气泡 (p - 1) / (m chunks + p - 1) 越小，消息数则成倍增加。模型须有 chunks 倍的可切位置，“cuts”须为首块以外的每块给出一个层名。</translation>
    </message>
    <message>
        <source>Interleaved 1F1B</source>
        <translation>交错 1F1B</translation>
    </message>
    <message>
        <source>Each stage holds several smaller pieces of the model, and micro-batches go around the stages once for each: a smaller bubble for more messages. Micro-batches must be a multiple of the stages.</source>
        <translation>每个阶段持有模型的若干小块，微批次为每一块在各阶段间绕行一圈：气泡更小，消息更多。微批次数须为阶段数的倍数。</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>激活值</translation>
    </message>
    <message>
        <source>The codec of what goes from stage to stage in training: activations one way, their gradients the other, each micro-batch by itself. One without error feedback, like fp16; it costs accuracy at every cut, and evaluations are without it.</source>
        <translation>训练时阶段之间所传数据的编解码器：一个方向是激活值，另一方向是其梯度，各微批次单独处理。须不带误差反馈，如 fp16；每个切口都会损失一些准确率，评估时不使用。</translation>
    </message>
    <message>
        <source>ZeRO (sharded data parallelism)</source>
        <translation>ZeRO（分片数据并行）</translation>
    </message>
    <message>
        <source>Each worker keeps and updates its share of the optimiser state, gradients, parameters.</source>
        <translation>每个工作进程只保存并更新自己那一份优化器状态、梯度和参数。</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>级别</translation>
    </message>
    <message>
        <source>What of n parameters each of N workers keeps a share of only; the result is that of all-reduce. 1: the optimiser&apos;s state (n floats with momentum, 2 n with Adam); gradients are reduced to the worker that updates them, and the new parameters gathered, as many bytes as an all-reduce. 2: gradients too; each bucket is given back once it is reduced, for which the backward pass may have to wait. 3: parameters too, as in fully sharded data parallelism; a bucket is gathered while the layer before computes, and given back after use: half as many bytes again. For models that do not fit.</source>
        <translation>n 个参数的哪些数据在 N 个工作进程间分片保存；结果与全规约相同。1：优化器状态（动量为 n 个浮点数，Adam 为 2 n 个）；梯度规约到负责更新的工作进程，再收集新参数，字节与全规约相同。2：梯度也分片；每个分桶规约后即释放，反向传播可能须为此等待。3：参数也分片，即完全分片数据并行 (FSDP)；分桶在前一层计算时收集、用后释放，字节再增加一半。适合内存放不下的模型。</translation>
    </message>
    <message>
        <source>Parameters are handled in groups of at least this size. A worker has up to two groups whole in stage 3, so large groups save less memory, and small ones cost more messages.</source>
        <translation>参数按不小于此值的分桶处理。级别 3 中工作进程最多完整持有两个分桶，因此分桶大则省内存少，分桶小则消息多。</translation>
    </message>
    <message>
        <source>Codecs by layer</source>
        <translation>按层的编解码器</translation>
    </message>
    <message>
        <source>One entry of the list: layers, and under &quot;gradient&quot; the chain of codecs that theirs goes through; [] sends it as it is.</source>
        <translation>列表中的一项：哪些层，以及 &quot;gradient&quot; 下它们的梯度所经过的编解码器链；[] 表示原样发送。</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>A pattern that the name of a layer fits (&quot;conv*&quot;; * stands for any characters, ? for one). The first entry that fits counts; layers that none fits take the chain of /gradient.</source>
        <translation>层名要符合的模式（&quot;conv*&quot;；* 代表任意字符，? 代表一个字符）。以第一个符合的项为准；都不符合的层使用 /gradient 的链。</translation>
    </message>
    <message>
        <source>Knobs that turn themselves</source>
        <translation>自动调节的参数</translation>
    </message>
    <message>
        <source>One entry of the list: a setting that may change while the run goes, and who turns it.</source>
        <translation>列表中的一项：运行期间可变的设置，以及由谁来调。</translation>
    </message>
    <message>
        <source>Pointer</source>
        <translation>指针</translation>
    </message>
    <message>
        <source>The setting, as a JSON pointer into the experiment: /gradient/0/ratio.</source>
        <translation>以 JSON 指针表示的实验设置：/gradient/0/ratio。</translation>
    </message>
    <message>
        <source>Policy</source>
        <translation>策略</translation>
    </message>
    <message>
        <source>Which value it has when: by a schedule, or so that a target is held.</source>
        <translation>何时取何值：按计划，或为保持某个目标。</translation>
    </message>
    <message>
        <source>In a straight line</source>
        <translation>直线变化</translation>
    </message>
    <message>
        <source>The setting goes from one value to another by equal differences.</source>
        <translation>设置以相等的差从一个值变到另一个值。</translation>
    </message>
    <message>
        <source>By equal factors</source>
        <translation>等比变化</translation>
    </message>
    <message>
        <source>The setting goes from one value to another by equal factors.</source>
        <translation>设置以相等的倍数从一个值变到另一个值。</translation>
    </message>
    <message>
        <source>From</source>
        <translation>起始值</translation>
    </message>
    <message>
        <source>To</source>
        <translation>终值</translation>
    </message>
    <message>
        <source>Begin step</source>
        <translation>起始步</translation>
    </message>
    <message>
        <source>End step</source>
        <translation>结束步</translation>
    </message>
    <message>
        <source>Every steps</source>
        <translation>每隔步数</translation>
    </message>
    <message>
        <source>The setting until begin_step, whatever the experiment says elsewhere.</source>
        <translation>begin_step 之前的设置，无论实验别处怎么写。</translation>
    </message>
    <message>
        <source>The setting from end_step on.</source>
        <translation>end_step 起的设置。</translation>
    </message>
    <message>
        <source>From here on it changes.</source>
        <translation>从此步开始变化。</translation>
    </message>
    <message>
        <source>Here it has arrived. Left out: at the run&apos;s last step.</source>
        <translation>到此步为止。不写则为运行的最后一步。</translation>
    </message>
    <message>
        <source>Steps from one small turn to the next. A turn checks the whole experiment, for some tenths of a millisecond.</source>
        <translation>两次小幅调节之间的步数。每次调节要检查整个实验，约零点几毫秒。</translation>
    </message>
    <message>
        <source>In steps</source>
        <translation>阶梯变化</translation>
    </message>
    <message>
        <source>Every so many steps the setting is multiplied by a factor, up to a last value.</source>
        <translation>每隔若干步将设置乘以一个倍数，直到最后的值。</translation>
    </message>
    <message>
        <source>The setting at first, whatever the experiment says elsewhere.</source>
        <translation>最初的设置，无论实验别处怎么写。</translation>
    </message>
    <message>
        <source>The last value: it goes no further.</source>
        <translation>最后的值，不再越过。</translation>
    </message>
    <message>
        <source>What it is multiplied by; below 1 it falls, above 1 it rises.</source>
        <translation>所乘的倍数；小于 1 则下降，大于 1 则上升。</translation>
    </message>
    <message>
        <source>Steps from one multiplication to the next.</source>
        <translation>两次相乘之间的步数。</translation>
    </message>
    <message>
        <source>Holding a target</source>
        <translation>保持目标</translation>
    </message>
    <message>
        <source>Measures what the setting does and turns it so that a figure stays at its target.</source>
        <translation>测量设置的效果，并调节它使某个数值保持在目标上。</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>保持</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>目标</translation>
    </message>
    <message>
        <source>Minimum</source>
        <translation>最小值</translation>
    </message>
    <message>
        <source>Maximum</source>
        <translation>最大值</translation>
    </message>
    <message>
        <source>The figure to hold: bytes a second, or an error from 0 to 1.</source>
        <translation>要保持的数值：每秒字节数，或 0 到 1 的误差。</translation>
    </message>
    <message>
        <source>The setting never goes below.</source>
        <translation>设置不会低于此值。</translation>
    </message>
    <message>
        <source>The setting never goes above.</source>
        <translation>设置不会高于此值。</translation>
    </message>
    <message>
        <source>Steps that are measured before each turn; then the workers add up what they have, a message of 16 bytes.</source>
        <translation>每次调节之前测量的步数；随后各工作进程把测得的值相加，只需一条 16 字节的消息。</translation>
    </message>
    <message>
        <source>A model from a file</source>
        <translation>从文件读取的模型</translation>
    </message>
    <message>
        <source>Layers and values as a file has them: .edge (this program&apos;s), .onnx, or .safetensors of a run.</source>
        <translation>文件所含的各层和数值：.edge（本程序的格式）、.onnx，或某次运行的 .safetensors。</translation>
    </message>
    <message>
        <source>The file. It is read, and never changed.</source>
        <translation>文件路径。文件只读取，从不更改。</translation>
    </message>
    <message>
        <source>1-bit Adam</source>
        <translation>1-bit Adam</translation>
    </message>
    <message>
        <source>Adam whose workers agree on momentum, a bit an element, after a warm-up.</source>
        <translation>预热之后，各工作进程以每个元素一位就动量取得一致的 Adam。</translation>
    </message>
    <message>
        <source>T: so many first steps are AdamW&apos;s, with gradients averaged as they are, all their bytes; plan tells the bytes after them. The mean square of gradients must have settled by then, since it is kept, and a warm-up of the learning rate be over. Elements whose gradient was 0 until then stay as they are; those where it nearly was jump by as much as the others&apos; momentum over their small mean: a larger epsilon holds them.</source>
        <translation>T：最初这些步按 AdamW 进行，梯度原样求平均，字节分毫不减；方案给出的是其后的字节。梯度的均方此后保持不变，因此到那时须已稳定，学习率的预热也须已结束。此前梯度一直为 0 的元素保持原样；几乎为 0 的元素均方很小，除以它之后，会随其他元素的动量同幅猛跳：较大的 epsilon 可加以抑制。</translation>
    </message>
    <message>
        <source>Recompress</source>
        <translation>重新压缩</translation>
    </message>
    <message>
        <source>Of codecs whose payloads do not sum (top-k, signsgd, qsgd, …): not gathered, N - 1 payloads a worker, but decoded, added to and encoded again at every hop of a ring, 2 (N - 1)/N of a payload, whatever the algorithm. Encoding a sum of k gradients errs by about k times as much as encoding one, so the noise of codecs that round at random grows with N where gathering would average it out. With error feedback each hop remembers what it lost and sends it a step later: nothing is lost for good, but more waits, and longer. For many workers and slow networks. Not for codecs with momentum, a vote, or the variants ef21 and econtrol.</source>
        <translation>用于载荷不可相加的编解码器（top-k、signsgd、qsgd 等）：不再收集（每个工作进程 N - 1 份载荷），而在环的每一跳解码、相加、再编码，只需 2 (N - 1)/N 份载荷，与所选算法无关。对 k 个梯度之和编码，误差约为对单个梯度编码的 k 倍，因此随机舍入的编解码器噪声随 N 增长，而收集会把它平均抵消。有误差反馈时，每一跳记住自己丢失的部分，下一步再发送：没有什么永久丢失，但等待的更多，也更久。适合多工作进程和慢速网络。不可用于带动量、带表决的编解码器，或变体 ef21 与 econtrol。</translation>
    </message>
    <message>
        <source>Compress down</source>
        <translation>下行压缩</translation>
    </message>
    <message>
        <source>Of sync, with a codec whose payloads do not sum (top-k, signsgd, …): the average goes back through the codec too, not dense, so that both ways shrink alike [Tang et al. DoubleSqueeze. ICML 2019]. The server compresses once for all its workers; with error feedback it remembers what that loses, beside what each worker remembers, and without it is lost twice. N times as sparse an average needs more steps: worth it where the servers&apos; links are the bottleneck. Other codecs go back as small as they came in any case. Not for codecs with momentum, or ef21 and econtrol.</source>
        <translation>用于 sync，且编解码器的载荷不可相加（top-k、signsgd 等）时：平均值也经编解码器返回，而不是稠密返回，两个方向同样缩小 [Tang et al. DoubleSqueeze. ICML 2019]。服务器为所有工作进程只压缩一次；有误差反馈时，除各工作进程各自记住的之外，服务器也记住由此丢失的部分，没有误差反馈则丢失两次。平均值稀疏了 N 倍，需要更多的步：在服务器链路为瓶颈时才值得。其他编解码器的结果返回时本就与来时一样小。不可用于带动量的编解码器，或 ef21 与 econtrol。</translation>
    </message>
    <message>
        <source>Of the draws, with that of the run; they also depend on rank, step, element and the gradient&apos;s signs: the same run twice, or resumed, draws the same.</source>
        <translation>抽取所用的种子，与运行的种子合用；抽取还取决于 rank、步、元素和梯度的符号：同一运行重复或恢复时，抽取结果相同。</translation>
    </message>
    <message>
        <source>Of the draw, with that of the run; the same for all workers.</source>
        <translation>抽取所用的种子，与运行的种子合用；各工作进程相同。</translation>
    </message>
    <message>
        <source>Vote</source>
        <translation>表决</translation>
    </message>
    <message>
        <source>Majority vote: all workers take the sign that most of them sent, not the mean of their signs, and a parameter server answers with one bit an element. A worker that sends nonsense, or flips its signs, counts once: the others outvote fewer than half. Ties go by a draw. Needs scale &quot;one&quot;, no error feedback, and all-reduce or a synchronous parameter-server; with 2 workers what they disagree on is drawn.</source>
        <translation>多数表决：所有工作进程采用多数所发送的符号，而不是各符号的均值；参数服务器以每个元素一位应答。发送无意义内容或翻转符号的工作进程只算一票：只要不到一半，就会被其余的否决。平票由抽取决定。需要 scale 为“one”、没有误差反馈，且用 all-reduce 或同步的 parameter-server；只有 2 个工作进程时，意见不一的符号由抽取决定。</translation>
    </message>
    <message>
        <source>Shared weights (k-means)</source>
        <translation>共享权重 (k-means)</translation>
    </message>
    <message>
        <source>All weights of a layer become one of 2^bits values, found by k-means: the file has a table and an index a weight. Retrained, the values move together. The arithmetic is that of floats.</source>
        <translation>一层的所有权重都变为 2^bits 个值之一，由 k-means 求得：文件中存一张表，外加每个权重一个下标。再训练时，共用的值一起变动。算术仍为浮点数。</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Of an index: 5 are 32 values. The paper takes 8 for convolutions and 5 for dense layers of large models, and 6 and 5 or less here.</source>
        <translation>下标的位数：5 位即 32 个值。论文对大型模型的卷积取 8，全连接层取 5；此处分别取 6 和 5 或更少。</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>位</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>Changes nothing. Size, accuracy and latency are measured after every step anyway; two measurements of one model show how far they scatter.</source>
        <translation>不作任何更改。每个步骤之后本来就会测量大小、准确率和延迟；对同一模型测量两次，可看出测量值的波动。</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>敏感度</translation>
    </message>
    <message>
        <source>Also makes each layer alone smaller (half of it pruned; 8, 4 and 2 bits) and counts the right answers to 512 test samples, without training. The model stays as it is.</source>
        <translation>另外逐层单独压缩（剪去一半；8、4、2 位），不经训练，统计对 512 个测试样本的正确回答数。模型保持原样。</translation>
    </message>
    <message>
        <source>16 bits a parameter</source>
        <translation>每个参数 16 位</translation>
    </message>
    <message>
        <source>Rounds every parameter to 16 bits, which halves the file and is hardly ever seen in the accuracy.</source>
        <translation>把每个参数舍入到 16 位，文件减半，准确率几乎看不出变化。</translation>
    </message>
    <message>
        <source>fp16: 11 significant bits, up to 65504; bf16: 8, with the range of floats.</source>
        <translation>fp16：有效数字 11 位，至多 65504；bf16：8 位，范围同 32 位浮点数。</translation>
    </message>
    <message>
        <source>8 bits, weights and activations</source>
        <translation>8 位权重和激活值</translation>
    </message>
    <message>
        <source>After training: weights and activations on grids of 8 bits, whose ranges are seen on training samples; the runtime then multiplies whole numbers. A quarter of the bytes, and faster where the processor has instructions for it.</source>
        <translation>训练之后：权重和激活值取 8 位格点，范围在训练样本上观察得到；运行时随后做整数乘法。字节降为四分之一；处理器有相应指令时也更快。</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>校准方式</translation>
    </message>
    <message>
        <source>How much of the range that was seen a grid takes in: all; all but a share at either end; what keeps most of the distribution&apos;s entropy; or what has the least squared error.</source>
        <translation>格点覆盖所见范围的多少：min-max 为全部；percentile 为两端各舍去一定比例；entropy 为保留分布的大部分熵；mse 为平方误差最小。</translation>
    </message>
    <message>
        <source>Percentile</source>
        <translation>百分位</translation>
    </message>
    <message>
        <source>Of the calibration &quot;percentile&quot;: the share that is not clipped at either end.</source>
        <translation>用于校准方式“percentile”：每一端未被裁剪的比例。</translation>
    </message>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Training samples that are run to see the ranges.</source>
        <translation>为观察范围而运行的训练样本数。</translation>
    </message>
    <message>
        <source>Per channel</source>
        <translation>逐通道</translation>
    </message>
    <message>
        <source>A scale for each output channel of a weight; else one for the whole layer.</source>
        <translation>权重的每个输出通道各用一个缩放系数；否则整层共用一个。</translation>
    </message>
    <message>
        <source>Bias correction</source>
        <translation>偏置修正</translation>
    </message>
    <message>
        <source>Takes off the biases what the rounding of weights adds on average.</source>
        <translation>从偏置中减去权重舍入平均所增加的量。</translation>
    </message>
    <message>
        <source>Equalize</source>
        <translation>均衡</translation>
    </message>
    <message>
        <source>First scales each channel between two layers so that both use their ranges alike; for per_channel false.</source>
        <translation>先缩放两层之间的各通道，使两层都同样充分地利用各自的范围；用于 per_channel 为 false 时。</translation>
    </message>
    <message>
        <source>Low rank</source>
        <translation>低秩</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>能量</translation>
    </message>
    <message>
        <source>Prune channels</source>
        <translation>剪去通道</translation>
    </message>
    <message>
        <source>The filters and units of least norm are removed, with all that reads them: the model becomes a narrower one, smaller and faster everywhere, with no need of sparse kernels. At the same number of weights it costs more accuracy than pruning single ones. The last layer stays. Retrain afterwards.</source>
        <translation>移除范数最小的滤波器和单元，以及读取它们的一切：模型变窄，处处更小、更快，无须稀疏内核。权重数相同时，比剪去单个权重损失更多准确率。最后一层保留。之后再训练。</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>剪枝比例</translation>
    </message>
    <message>
        <source>Share of each layer&apos;s channels that is removed, before rounding; one always stays.</source>
        <translation>每层移除的通道比例，取整之前；总会留下一个。</translation>
    </message>
    <message>
        <source>l1, l2: of a channel&apos;s weights. batch-norm: magnitude of the scale of the batch norm after the layer (network slimming). Of layers whose outputs are added, the sum.</source>
        <translation>l1、l2：通道权重的范数。batch-norm：该层之后的批归一化的缩放系数的幅值 (network slimming)。输出相加的各层取其和。</translation>
    </message>
    <message>
        <source>Round to</source>
        <translation>取整倍数</translation>
    </message>
    <message>
        <source>What stays is rounded up to a multiple: kernels like whole vectors, and an odd width can be slower than the full one. 1: no rounding.</source>
        <translation>保留数向上取整到此数的倍数：内核偏好整个向量，零头宽度可能比全宽还慢。1：不取整。</translation>
    </message>
    <message>
        <source>channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Prune the smallest weights of the model</source>
        <translation>剪去全模型最小的权重</translation>
    </message>
    <message>
        <source>The weights of least magnitude become zero, ranked over all layers at once: layers that have much to spare give more. Better than the same share of each layer, but a layer of small weights may be emptied. Retrain afterwards.</source>
        <translation>幅值最小的权重归零，所有层统一排序：余量大的层剪得多。优于每层剪同样的比例，但权重普遍小的层可能被剪空。之后再训练。</translation>
    </message>
    <message>
        <source>Share of all weights of the chosen layers that is zero afterwards; what is zero already counts.</source>
        <translation>剪枝后所选各层全部权重中为零的比例；原本为零的也计入。</translation>
    </message>
    <message>
        <source>Prune the smallest weights</source>
        <translation>剪去最小的权重</translation>
    </message>
    <message>
        <source>Share of each layer&apos;s weights that is zero afterwards; what is zero already counts.</source>
        <translation>剪枝后每层权重中为零的比例；原本为零的也计入。</translation>
    </message>
    <message>
        <source>n of m weights (2:4)</source>
        <translation>每 m 个权重保留 n 个 (2:4)</translation>
    </message>
    <message>
        <source>Of every m weights in a row along a layer&apos;s inputs the n largest stay. A pattern that some hardware multiplies faster; here it saves bytes only. The number of inputs must be a multiple of m. Retrain afterwards.</source>
        <translation>沿层的输入方向，每连续 m 个权重保留最大的 n 个。某些硬件对此模式乘得更快；此处只节省字节。输入数须为 m 的倍数。之后再训练。</translation>
    </message>
    <message>
        <source>N</source>
        <translation>N</translation>
    </message>
    <message>
        <source>Kept of each group; fewer than m.</source>
        <translation>每组保留的权重数；须小于 m。</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>M</source>
        <translation>M</translation>
    </message>
    <message>
        <source>In a group: inputs that follow each other, at the same output and, of a convolution, at the same tap.</source>
        <translation>每组的权重数：相邻的输入，属于同一输出；卷积则还须在卷积核的同一位置。</translation>
    </message>
    <message>
        <source>Prune weights by chance</source>
        <translation>随机剪去权重</translation>
    </message>
    <message>
        <source>Of each layer, weights drawn by chance become zero. Not to be used, but to be compared with: a choice of weights is worth what it gains over this.</source>
        <translation>每层随机抽取的权重归零。不供实用，只供比较：某种选取权重的方法价值几何，就看它比此法好多少。</translation>
    </message>
    <message>
        <source>Prune by connection sensitivity (SNIP)</source>
        <translation>按连接敏感度剪枝 (SNIP)</translation>
    </message>
    <message>
        <source>Weights whose product with their gradient is smallest become zero: the loss hardly feels them. Needs no training before it: as the first step of a recipe it prunes the initial weights, and the model is trained once, sparse. Costs a forward and backward pass over a few samples.</source>
        <translation>与自身梯度之积最小的权重归零：损失几乎不受影响。此前无须训练：作为配方的第一个步骤时，它剪去初始权重，模型以稀疏形式只训练一次。代价是在少量样本上做一次前向和反向传播。</translation>
    </message>
    <message>
        <source>Training samples that the gradient is a mean over, drawn by chance. The paper takes one batch of about a hundred.</source>
        <translation>对梯度求均值所用的训练样本数，随机抽取。论文取约一百个的一批。</translation>
    </message>
    <message>
        <source>Few bits a weight</source>
        <translation>低位数权重</translation>
    </message>
    <message>
        <source>Rounds weights to a grid of few whole numbers: 8, 4, 2 (ternary) or 1 bit (binary). The file becomes smaller; the arithmetic becomes int8 only where activations have a grid too (int8). From 4 bits down, retrain afterwards.</source>
        <translation>把权重舍入到由少数整数构成的格点：8、4、2 位（三值）或 1 位（二值）。文件变小；只有激活值也取格点时（int8），算术才变为 int8。4 位及以下，之后再训练。</translation>
    </message>
    <message>
        <source>Of each weight: 2 are minus one, nought and one times a scale, 1 is its sign.</source>
        <translation>每个权重的位数：2 位为 -1、0、1 乘以缩放系数，1 位为其符号。</translation>
    </message>
    <message>
        <source>A scale for each output channel; else one for the whole layer.</source>
        <translation>每个输出通道各用一个缩放系数；否则整层共用一个。</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>拟合方式</translation>
    </message>
    <message>
        <source>What the scale is fitted to: the largest weight (nothing is clipped), or the least squared error.</source>
        <translation>缩放系数按什么拟合：max 为最大的权重（不裁剪），mse 为平方误差最小。</translation>
    </message>
    <message>
        <source>Retrain</source>
        <translation>再训练</translation>
    </message>
    <message>
        <source>Trains on, so that what a step before took away is made good: what was pruned stays zero, what shares a value goes on sharing it, what lies on a grid stays there.</source>
        <translation>继续训练，弥补前一步骤所去掉的：剪去的保持为零，共用一个值的继续共用，落在格点上的仍在格点上。</translation>
    </message>
    <message>
        <source>Passes over the training samples, by the experiment&apos;s optimiser (begun anew), exchange and workers.</source>
        <translation>遍历训练样本的次数，使用实验的优化器（重新开始）、交换和工作进程。</translation>
    </message>
    <message>
        <source>Learning rate factor</source>
        <translation>学习率系数</translation>
    </message>
    <message>
        <source>Of the experiment&apos;s learning rate: a model that is nearly right needs smaller steps.</source>
        <translation>实验学习率的倍数：接近正确的模型需要较小的步子。</translation>
    </message>
    <message>
        <source>Passes over the training samples; may be a fraction. 0, with a recipe: none before it.</source>
        <translation>遍历训练样本的次数，可为小数。0：须有配方，配方之前不训练。</translation>
    </message>
    <message>
        <source>A cluster, by Kubernetes</source>
        <translation>集群（Kubernetes）</translation>
    </message>
    <message>
        <source>Writes manifests of an indexed job for kubectl; not tried on a live cluster.</source>
        <translation>为 kubectl 写出索引作业的清单；尚未在真实集群上试过。</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>镜像</translation>
    </message>
    <message>
        <source>Container image with concertina-worker, of the engine&apos;s version, and a shell.</source>
        <translation>含有与引擎同版本的 concertina-worker 以及一个 shell 的容器镜像。</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>命名空间</translation>
    </message>
    <message>
        <source>Namespace of the cluster; empty: the one of kubectl&apos;s context.</source>
        <translation>集群的命名空间；留空：kubectl 当前上下文的那个。</translation>
    </message>
    <message>
        <source>Kit</source>
        <translation>凭证包</translation>
    </message>
    <message>
        <source>Folder of a worker&apos;s start-up kit on this machine; it goes to the cluster as a Secret.</source>
        <translation>本机上工作进程凭证包的文件夹；它作为 Secret 送到集群。</translation>
    </message>
    <message>
        <source>Memory that each worker asks for, and may have at most, as 2Gi; empty: none asked.</source>
        <translation>每个工作进程申请且最多可用的内存，如 2Gi；留空：不申请。</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>The worker&apos;s program in the image.</source>
        <translation>镜像中工作进程的程序。</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>环境变量</translation>
    </message>
    <message>
        <source>NAME=VALUE for the workers, with spaces between them; a value with spaces in double quotes.</source>
        <translation>给工作进程的 NAME=VALUE，以空格分隔；含空格的值放在双引号中。</translation>
    </message>
    <message>
        <source>Time minutes</source>
        <translation>时限</translation>
    </message>
    <message>
        <source>After so long the cluster ends the job; 0: never.</source>
        <translation>到时集群会结束作业；0：从不。</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <source>Wait minutes</source>
        <translation>等待时间</translation>
    </message>
    <message>
        <source>How long the run waits for the pods to call.</source>
        <translation>运行等待各 pod 联络的时长。</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Runs kubectl apply, and kubectl delete in the end; otherwise you do.</source>
        <translation>运行 kubectl apply，结束时运行 kubectl delete；否则由您来做。</translation>
    </message>
    <message>
        <source>By hand</source>
        <translation>手动</translation>
    </message>
    <message>
        <source>Tells the line with which you start each worker yourself, on any machine.</source>
        <translation>给出一行命令，由您在任意机器上自行启动每个工作进程。</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>How long the run waits for the workers to be started.</source>
        <translation>运行等待工作进程被启动的时长。</translation>
    </message>
    <message>
        <source>A cluster, by Slurm</source>
        <translation>集群（Slurm）</translation>
    </message>
    <message>
        <source>Submits all workers of the entry as one job, follows it, and cancels it with the run.</source>
        <translation>把该条目的所有工作进程作为一个作业提交，跟踪它，并随运行一起取消。</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Nodes that the workers are spread over evenly; 0: as Slurm places them.</source>
        <translation>工作进程均匀分布到的节点数；0：由 Slurm 安排。</translation>
    </message>
    <message>
        <source>nodes</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Partition to submit to; empty: the cluster&apos;s default.</source>
        <translation>提交到的分区；留空：集群的默认分区。</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账户</translation>
    </message>
    <message>
        <source>Account that the time is charged to; empty: your default.</source>
        <translation>计费的账户；留空：您的默认账户。</translation>
    </message>
    <message>
        <source>Time limit of the job, after which Slurm ends it; 0: the partition&apos;s default.</source>
        <translation>作业的时限，到时 Slurm 会结束它；0：分区的默认值。</translation>
    </message>
    <message>
        <source>Extra</source>
        <translation>附加选项</translation>
    </message>
    <message>
        <source>More options of sbatch, with spaces between them: --constraint=avx2 --mem-per-cpu=4G; one with spaces in it in double quotes.</source>
        <translation>sbatch 的更多选项，以空格分隔：--constraint=avx2 --mem-per-cpu=4G；含空格的选项放在双引号中。</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Working folder that this machine and all nodes share; empty: the engine&apos;s home.</source>
        <translation>本机与所有节点共享的工作文件夹；留空：引擎的主目录。</translation>
    </message>
    <message>
        <source>Path of concertina-worker on the nodes; empty: the engine&apos;s own, where they see it.</source>
        <translation>节点上 concertina-worker 的路径；留空：引擎自己的那个（若节点看得到）。</translation>
    </message>
    <message>
        <source>Folder of a start-up kit that the nodes see, with which workers on other machines than the engine&apos;s reach its port.</source>
        <translation>节点看得到的凭证包文件夹；不在引擎所在机器上的工作进程用它连到引擎的端口。</translation>
    </message>
    <message>
        <source>Modules</source>
        <translation>环境模块</translation>
    </message>
    <message>
        <source>Environment modules to load on the nodes, with spaces between them: gcc/12 onednn.</source>
        <translation>要在节点上加载的环境模块，以空格分隔：gcc/12 onednn。</translation>
    </message>
    <message>
        <source>How long the job may wait in the queue before the run gives it up.</source>
        <translation>作业在队列中最多等待多久，超过后运行就放弃它。</translation>
    </message>
    <message>
        <source>Another machine, by ssh</source>
        <translation>另一台机器（ssh）</translation>
    </message>
    <message>
        <source>Starts workers on a machine that lets you in by ssh with a key; no port is opened.</source>
        <translation>在允许您用密钥经 ssh 登录的机器上启动工作进程；不打开任何端口。</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>Name, address, or entry of ~/.ssh/config.</source>
        <translation>名称、地址，或 ~/.ssh/config 中的条目。</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Whom to log in as there; empty: as ssh&apos;s configuration says, or as here.</source>
        <translation>在那里以谁的身份登录；留空：按 ssh 配置，或与本机相同。</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>Port of its ssh server; 22: unless ssh&apos;s configuration says otherwise.</source>
        <translation>其 ssh 服务器的端口；22：除非 ssh 配置另有规定。</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>File of the private key; empty: those that ssh finds, and its agent.</source>
        <translation>私钥文件；留空：ssh 自己找到的密钥及其代理。</translation>
    </message>
    <message>
        <source>Jump</source>
        <translation>跳板</translation>
    </message>
    <message>
        <source>Machine to go through, as user@gate:22; several with commas between them.</source>
        <translation>中途经过的机器，如 user@gate:22；多个之间用逗号分隔。</translation>
    </message>
    <message>
        <source>Working folder there: the worker&apos;s copy, runs and datasets.</source>
        <translation>那里的工作文件夹：工作进程的副本、运行和数据集。</translation>
    </message>
    <message>
        <source>Path of concertina-worker there; empty: the engine&apos;s own is copied into the folder.</source>
        <translation>那里 concertina-worker 的路径；留空：把引擎自己的那个复制到该文件夹。</translation>
    </message>
    <message>
        <source>NAME=VALUE for the workers there, with spaces between them; a value with spaces in double quotes.</source>
        <translation>给那里的工作进程的 NAME=VALUE，以空格分隔；含空格的值放在双引号中。</translation>
    </message>
    <message>
        <source>Advertise</source>
        <translation>对外地址</translation>
    </message>
    <message>
        <source>Name or address by which the other workers reach this machine; empty: the host.</source>
        <translation>其他工作进程访问这台机器所用的名称或地址；留空：即主机。</translation>
    </message>
    <message>
        <source>Known hosts</source>
        <translation>已知主机</translation>
    </message>
    <message>
        <source>File with the machine&apos;s host key; empty: those that ssh uses by itself.</source>
        <translation>含该机器主机密钥的文件；留空：ssh 自己使用的那些。</translation>
    </message>
    <message>
        <source>Gloo</source>
        <translation>Gloo</translation>
    </message>
    <message>
        <source>Gloo&apos;s messages over its own TCP connections, as PyTorch uses it. Not encrypted.</source>
        <translation>由 Gloo 通过其自身的 TCP 连接传递消息，与 PyTorch 的用法相同。不加密。</translation>
    </message>
    <message>
        <source>MPI</source>
        <translation>MPI</translation>
    </message>
    <message>
        <source>Messages of Open MPI, over whatever network it knows: InfiniBand, shared memory, TCP. All workers are one entry of local or slurm. Not encrypted.</source>
        <translation>由 Open MPI 传递消息，使用它支持的任何网络：InfiniBand、共享内存、TCP。所有工作进程须属于同一个 local 或 slurm 条目。不加密。</translation>
    </message>
    <message>
        <source>Learn from a teacher</source>
        <translation>向教师学习</translation>
    </message>
    <message>
        <source>Trains a student on a larger model&apos;s answers besides the labels. The teacher is the model as the recipe found it, or a file of any run; the student goes on from what it is, begins again, or is another model.</source>
        <translation>除标签外，还让学生学习一个更大模型的答案。教师是配方开始时的模型，或任一运行的文件；学生从现状继续、从头开始，或是另一个模型。</translation>
    </message>
    <message>
        <source>Student</source>
        <translation>学生</translation>
    </message>
    <message>
        <source>The model that learns, with first values of its own. Left out: the model as it is.</source>
        <translation>进行学习的模型，带有自己的初始值。省略：保持模型不变。</translation>
    </message>
    <message>
        <source>Teacher</source>
        <translation>教师</translation>
    </message>
    <message>
        <source>The teacher: a run, as &quot;run:last&quot;, or a file: .edge, .onnx, or .safetensors of a run. Empty: the model as it was when the recipe began, so that what was compressed learns from what it was.</source>
        <translation>教师：某个运行，如 &quot;run:last&quot;，或文件：.edge、.onnx，或某个运行的 .safetensors。留空：配方开始时的模型，于是被压缩的模型向它原来的样子学习。</translation>
    </message>
    <message>
        <source>Anew</source>
        <translation>从头开始</translation>
    </message>
    <message>
        <source>The model forgets what it has learnt and begins with first values: with the empty teacher it learns from itself.</source>
        <translation>模型忘掉学到的东西，从初始值开始：教师留空时，它向自己学习。</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Divides the logits of both: the higher, the more the small probabilities of the teacher count.</source>
        <translation>两者的 logits 都除以它：越高，教师的小概率越受重视。</translation>
    </message>
    <message>
        <source>Teacher share</source>
        <translation>教师份额</translation>
    </message>
    <message>
        <source>Of the loss; the labels have the rest.</source>
        <translation>在损失中所占的份额；其余归标签。</translation>
    </message>
    <message>
        <source>Compares</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Besides the answers: features of a layer of each, or where in the image a layer of each is most active.</source>
        <translation>除答案之外：各取一层的特征，或各取一层在图像中最活跃的位置。</translation>
    </message>
    <message>
        <source>Student layer</source>
        <translation>学生层</translation>
    </message>
    <message>
        <source>Of features and attention: the layer of the student.</source>
        <translation>用于特征和注意力：学生的那一层。</translation>
    </message>
    <message>
        <source>Teacher layer</source>
        <translation>教师层</translation>
    </message>
    <message>
        <source>Of features and attention: the layer of the teacher.</source>
        <translation>用于特征和注意力：教师的那一层。</translation>
    </message>
    <message>
        <source>Feature weight</source>
        <translation>特征权重</translation>
    </message>
    <message>
        <source>Of the difference of features or attention in the loss.</source>
        <translation>特征或注意力之差在损失中的权重。</translation>
    </message>
    <message>
        <source>Train on grids whose steps learn</source>
        <translation>在步长可学的网格上训练</translation>
    </message>
    <message>
        <source>Of each weight.</source>
        <translation>每个权重的位数。</translation>
    </message>
    <message>
        <source>A step for each output channel of a weight; else one for the whole layer.</source>
        <translation>权重的每个输出通道各有一个步长；否则整层一个。</translation>
    </message>
    <message>
        <source>Training samples that are run to find where the steps of activations begin.</source>
        <translation>用来确定激活步长初值的训练样本数。</translation>
    </message>
    <message>
        <source>As many bits as each layer needs</source>
        <translation>每层用所需的位数</translation>
    </message>
    <message>
        <source>Rounds each layer&apos;s weights to a grid of 2, 3, 4, 6 or 8 bits: those whose rounding costs most get more, by what is measured on training samples, and the mean stays within a budget. Activations stay floats. From 4 bits down, retrain afterwards.</source>
        <translation>把每层的权重舍入到 2、3、4、6 或 8 位的网格：按训练样本上的测量，舍入代价最大的层得到更多位，且平均值不超过预算。激活保持浮点。4 位及以下，之后要重新训练。</translation>
    </message>
    <message>
        <source>Of a weight, at most, as the mean over the chosen layers&apos; weights; it need not be a whole number.</source>
        <translation>一个权重最多的位数，按所选各层权重的平均；不必是整数。</translation>
    </message>
    <message>
        <source>Training samples, spread evenly, that the loss is measured on, five times for each layer.</source>
        <translation>测量损失所用的训练样本，均匀选取，每层测五次。</translation>
    </message>
    <message>
        <source>Two learn from each other</source>
        <translation>两个互相学习</translation>
    </message>
    <message>
        <source>The model and a twin with other first values begin anew and train together, each learning from the other&apos;s answers besides the labels; the twin then goes.</source>
        <translation>模型和另一个初始值不同的孪生模型从头开始一起训练，除标签外各自学习对方的答案；之后孪生模型离开。</translation>
    </message>
    <message>
        <source>Divides the logits of both.</source>
        <translation>两者的 logits 都除以它。</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>份额</translation>
    </message>
    <message>
        <source>Of the loss that is the other&apos;s answer; the labels have the rest.</source>
        <translation>损失中对方答案所占的份额；其余归标签。</translation>
    </message>
    <message>
        <source>Prune gradually</source>
        <translation>逐步剪枝</translation>
    </message>
    <message>
        <source>The smallest weights become zero in many small rounds with training between, many at first and few at the end: more can go than at once, for the same training.</source>
        <translation>最小的权重在许多小轮中变为零，其间穿插训练，开始时多、结束时少：同样的训练下，可去掉的比一次性剪枝更多。</translation>
    </message>
    <message>
        <source>Share of the weights that is zero afterwards; what is zero already counts.</source>
        <translation>之后为零的权重所占份额；已经为零的也算在内。</translation>
    </message>
    <message>
        <source>Initial</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>The share that the schedule begins from; at most the amount. That of a model that was pruned before, else 0.</source>
        <translation>进度起始的份额；不超过总量。即先前已剪枝模型的份额，否则为 0。</translation>
    </message>
    <message>
        <source>How often some weights go.</source>
        <translation>去掉一些权重的次数。</translation>
    </message>
    <message>
        <source>Passes over the training samples in all, the same part of them after each round, by the experiment&apos;s optimiser (begun anew each time).</source>
        <translation>总共遍历训练样本的次数，每轮之后训练相同的一部分，用实验的优化器（每次重新开始）。</translation>
    </message>
    <message>
        <source>Of the experiment&apos;s learning rate. Too small, and the model cannot make up for what went; the paper warns of pruning when it has decayed.</source>
        <translation>相对于实验学习率的倍数。太小，模型就补不回去掉的部分；论文提醒不要在学习率已衰减后剪枝。</translation>
    </message>
    <message>
        <source>Scope</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Ranked within each layer, so that each gives the same share; or all weights of the chosen layers together, so that layers which have much to spare give more.</source>
        <translation>在每层内排序，使每层去掉相同的份额；或把所选各层的全部权重放在一起，使有富余的层多出一些。</translation>
    </message>
    <message>
        <source>Find a lottery ticket</source>
        <translation>寻找彩票</translation>
    </message>
    <message>
        <source>In each round a share of the weights that are left becomes zero, the others go back to the values that they began with, and the model trains anew. What is left at the end, a few weights in a hundred, learns as well as the whole did, if the ticket wins. Give the experiment its own training before: a model from a file has lost its first values.</source>
        <translation>每一轮中，剩余权重的一部分变为零，其余回到它们的初始值，然后模型重新训练。若彩票中奖，最后剩下的百分之几的权重学得和整体一样好。请给实验自己的训练：来自文件的模型已失去初始值。</translation>
    </message>
    <message>
        <source>Of the weights that are left: so many go in each round.</source>
        <translation>剩余权重中每轮去掉的份额。</translation>
    </message>
    <message>
        <source>Output share</source>
        <translation>输出层份额</translation>
    </message>
    <message>
        <source>The same of the layer that gives the prediction, where the scope is &quot;layer&quot;.</source>
        <translation>范围为“layer”时，给出预测的那一层所用的同一数值。</translation>
    </message>
    <message>
        <source>How often; with a share of 0.2, 15 leave 3.5 % and 10 leave 11 %.</source>
        <translation>次数；份额为 0.2 时，15 次剩下 3.5 %，10 次剩下 11 %。</translation>
    </message>
    <message>
        <source>Epochs per round</source>
        <translation>每轮 epoch 数</translation>
    </message>
    <message>
        <source>Passes over the training samples after each round, as many as the whole model had, by the experiment&apos;s optimiser (begun anew).</source>
        <translation>每轮之后遍历训练样本的次数，与整体模型相同，用实验的优化器（重新开始）。</translation>
    </message>
    <message>
        <source>Of the experiment&apos;s learning rate; 1 where the model begins anew.</source>
        <translation>相对于实验学习率的倍数；模型从头开始时为 1。</translation>
    </message>
    <message>
        <source>Rewind</source>
        <translation>回退</translation>
    </message>
    <message>
        <source>Back to the first values in each round; else the weights that are left train on.</source>
        <translation>每轮回到初始值；否则剩下的权重继续训练。</translation>
    </message>
    <message>
        <source>Prune what moved towards zero</source>
        <translation>剪去趋向零的权重</translation>
    </message>
    <message>
        <source>Weights that the last training moved towards zero become zero, and those that it moved away stay, small or large: for a trained model that is trained on for other data, where magnitudes are still those of the old. A retrain step must come before it, and another one after it.</source>
        <translation>上次训练使之趋向零的权重变为零，使之远离零的留下，不论大小：适用于换了数据继续训练的模型，那时大小仍是旧任务的。之前必须有一步重新训练，之后还要一步。</translation>
    </message>
    <message>
        <source>Back to the first values</source>
        <translation>回到初始值</translation>
    </message>
    <message>
        <source>Every parameter goes back to the value that it began with, or is drawn anew, and what was pruned stays zero: a lottery ticket, or its control. A retrain step with learning_rate_factor 1 follows. Layers must be those of the first model, so this comes before steps that reshape or quantise them.</source>
        <translation>每个参数回到它开始时的值，或重新抽取，被剪去的保持为零：一张彩票，或其对照。之后是 learning_rate_factor 为 1 的重新训练。各层必须是最初模型的，所以它要在改变形状或量化的步骤之前。</translation>
    </message>
    <message>
        <source>The values that the experiment began with, before its training (of a model from a file, those of the file); or others, drawn as those were.</source>
        <translation>实验训练前的初始值（来自文件的模型则为文件中的值）；或按同样方式另抽的值。</translation>
    </message>
    <message>
        <source>Lose messages</source>
        <translation>丢失消息</translation>
    </message>
    <message>
        <source>From one step to another links lose messages, which are sent again until they come.</source>
        <translation>从某一步到另一步，链路丢失消息；丢失的消息会重发，直到送达。</translation>
    </message>
    <message>
        <source>The worker at one end of the link; left out: all links.</source>
        <translation>链路一端的工作进程；留空：所有链路。</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>对方</translation>
    </message>
    <message>
        <source>The worker at the other end; left out: every link of the first.</source>
        <translation>另一端的工作进程；留空：第一个的每条链路。</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Share of the messages that are lost, besides what the emulated link loses. Each costs at least 200 ms, as by TCP.</source>
        <translation>丢失消息的比例，模拟链路丢失的另计。与 TCP 一样，每次丢失至少耗费 200 毫秒。</translation>
    </message>
    <message>
        <source>From step</source>
        <translation>起始步</translation>
    </message>
    <message>
        <source>The first step of it.</source>
        <translation>开始的步。</translation>
    </message>
    <message>
        <source>To step</source>
        <translation>结束步</translation>
    </message>
    <message>
        <source>The step before which it is over; 0 for the end of the run.</source>
        <translation>在这一步之前结束；0 表示到运行结束。</translation>
    </message>
    <message>
        <source>Freeze a worker</source>
        <translation>冻结工作进程</translation>
    </message>
    <message>
        <source>A worker&apos;s process stands still (SIGSTOP) for a time, or for ever.</source>
        <translation>工作进程停住（SIGSTOP）一段时间，或者一直停住。</translation>
    </message>
    <message>
        <source>The worker that stands still. Left out, or &quot;any&quot;: one that the run&apos;s seed draws.</source>
        <translation>停住的工作进程。留空或填 &quot;any&quot;：由本次运行的种子抽取。</translation>
    </message>
    <message>
        <source>At step</source>
        <translation>在某步</translation>
    </message>
    <message>
        <source>The step at which it happens.</source>
        <translation>发生时的步。</translation>
    </message>
    <message>
        <source>At</source>
        <translation>时刻</translation>
    </message>
    <message>
        <source>The second since the first step at which it happens, in place of a step.</source>
        <translation>发生的时刻，自第一步起的秒数，用来代替步。</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>秒</translation>
    </message>
    <message>
        <source>How long; 0 for ever. After 5 s of silence the engine takes a worker for lost.</source>
        <translation>多久；0 表示一直。沉默 5 秒之后，引擎认为该工作进程已失去。</translation>
    </message>
    <message>
        <source>Kill a worker</source>
        <translation>杀死工作进程</translation>
    </message>
    <message>
        <source>A worker&apos;s process is ended without a word (SIGKILL).</source>
        <translation>工作进程不声不响地被结束（SIGKILL）。</translation>
    </message>
    <message>
        <source>The worker that is killed. Left out, or &quot;any&quot;: one that the run&apos;s seed draws.</source>
        <translation>被杀死的工作进程。留空或填 &quot;any&quot;：由本次运行的种子抽取。</translation>
    </message>
    <message>
        <source>Cut the network in two</source>
        <translation>把网络切成两半</translation>
    </message>
    <message>
        <source>For a time nothing gets from one group of workers to the other.</source>
        <translation>一段时间内，一组工作进程的消息到不了另一组。</translation>
    </message>
    <message>
        <source>Ranks</source>
        <translation>rank</translation>
    </message>
    <message>
        <source>One group. All other ranks are the other.</source>
        <translation>其中一组。其余所有 rank 是另一组。</translation>
    </message>
    <message>
        <source>How long; 0 for ever. After 30 s without a step the engine takes a worker for hung.</source>
        <translation>多久；0 表示一直。30 秒没有一步之后，引擎认为工作进程已挂起。</translation>
    </message>
    <message>
        <source>Random faults</source>
        <translation>随机故障</translation>
    </message>
    <message>
        <source>Faults of chosen kinds at random moments, which the run&apos;s seed draws.</source>
        <translation>在随机时刻发生所选种类的故障，由本次运行的种子抽取。</translation>
    </message>
    <message>
        <source>Rate per minute</source>
        <translation>每分钟次数</translation>
    </message>
    <message>
        <source>How many faults a minute, in the mean; the times between them are exponential.</source>
        <translation>平均每分钟多少个故障；间隔时间服从指数分布。</translation>
    </message>
    <message>
        <source>1/min</source>
        <translation>次/分钟</translation>
    </message>
    <message>
        <source>Kill</source>
        <translation>终止</translation>
    </message>
    <message>
        <source>Workers are killed.</source>
        <translation>杀死工作进程。</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>Workers are frozen.</source>
        <translation>冻结工作进程。</translation>
    </message>
    <message>
        <source>Slow</source>
        <translation>减慢</translation>
    </message>
    <message>
        <source>Workers become slow.</source>
        <translation>拖慢工作进程。</translation>
    </message>
    <message>
        <source>Workers are cut off, one at a time.</source>
        <translation>切断工作进程，一次一个。</translation>
    </message>
    <message>
        <source>How long a freeze, a slow stretch or a cut lasts.</source>
        <translation>冻结、变慢或切断持续多久。</translation>
    </message>
    <message>
        <source>How many times as long computing takes on a slow worker.</source>
        <translation>变慢的工作进程计算所用时间是原来的多少倍。</translation>
    </message>
    <message>
        <source>Nothing happens before.</source>
        <translation>在此之前什么也不发生。</translation>
    </message>
    <message>
        <source>Most</source>
        <translation>上限</translation>
    </message>
    <message>
        <source>Nothing happens after so many.</source>
        <translation>达到这个数目之后什么也不再发生。</translation>
    </message>
    <message>
        <source>faults</source>
        <translation>个故障</translation>
    </message>
    <message>
        <source>Slow a worker down</source>
        <translation>拖慢工作进程</translation>
    </message>
    <message>
        <source>From one step to another a worker computes slower than its machine.</source>
        <translation>从某一步到另一步，工作进程算得比它的机器慢。</translation>
    </message>
    <message>
        <source>The worker that is slow. Left out, or &quot;any&quot;: one that the run&apos;s seed draws.</source>
        <translation>变慢的工作进程。留空或填 &quot;any&quot;：由本次运行的种子抽取。</translation>
    </message>
    <message>
        <source>How many times as long its forward and backward pass takes.</source>
        <translation>前向和反向传播所用时间是原来的多少倍。</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>What each of its steps takes longer, besides.</source>
        <translation>此外每一步多用的时间。</translation>
    </message>
    <message>
        <source>Resume after failure</source>
        <translation>失败后继续</translation>
    </message>
    <message>
        <source>How often the engine by itself goes on from the last checkpoint once a worker, or the engine, is lost; 0 for never. A loss that is no number fails the run all the same.</source>
        <translation>失去工作进程或引擎之后，引擎自动从最近的检查点继续的次数；0 表示从不。损失不是数字时，运行仍然失败。</translation>
    </message>
    <message>
        <source>times</source>
        <translation>次</translation>
    </message>
    <message>
        <source>Worker mtbf hours</source>
        <translation>工作进程平均无故障时间（小时）</translation>
    </message>
    <message>
        <source>How long a worker runs on average before its machine fails: for the interval of checkpoints that the plan suggests, and for nothing else.</source>
        <translation>一个工作进程在其机器发生故障之前平均能运行多久：仅用于计划所建议的检查点间隔，别无他用。</translation>
    </message>
    <message>
        <source>h</source>
        <translation>h</translation>
    </message>
    <message>
        <source>Elastic</source>
        <translation>弹性</translation>
    </message>
    <message>
        <source>The run goes on when a worker is lost, and workers may join and leave: where every worker has the whole model, and averages its gradient with all others in step, the group forms anew from memory. Other strategies go on from the last checkpoint, as without this.</source>
        <translation>丢失工作进程时运行继续，工作进程也可以加入和离开：若每个工作进程都有完整模型，并与所有其他进程同步平均梯度，则该组从内存中重新组成。其他策略仍从最近的检查点继续，与没有此项时相同。</translation>
    </message>
    <message>
        <source>Min workers</source>
        <translation>最少工作进程</translation>
    </message>
    <message>
        <source>With fewer the run ends, unless others are on their way.</source>
        <translation>少于此数时运行结束，除非还有工作进程正在加入。</translation>
    </message>
    <message>
        <source>Max workers</source>
        <translation>最多工作进程</translation>
    </message>
    <message>
        <source>More do not join; 0: no more than /workers starts, or than it is told to.</source>
        <translation>不再有更多加入；0：不超过 /workers 启动的数目，或所要求的数目。</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>补充</translation>
    </message>
    <message>
        <source>Whether another worker is started in the place of one that was lost. The others go on meanwhile, and take it in between two steps.</source>
        <translation>是否启动另一个工作进程来替换丢失的。其他进程同时继续训练，并在两步之间接纳它。</translation>
    </message>
    <message>
        <source>What becomes of it in a group of another size: keep, or linear, by as much as the global batch changes [Goyal et al. Accurate, Large Minibatch SGD. 2017].</source>
        <translation>组的大小改变后学习率如何变化：keep 保持不变，或 linear 随全局批量成比例变化 [Goyal et al. Accurate, Large Minibatch SGD. 2017]。</translation>
    </message>
    <message>
        <source>Base workers</source>
        <translation>基准工作进程数</translation>
    </message>
    <message>
        <source>The group that the learning rate is meant for; 0: the one that the run begins with.</source>
        <translation>学习率所针对的组大小；0：运行开始时的组。</translation>
    </message>
    <message>
        <source>A dense layer becomes two thin ones (singular values), a convolution up to three (Tucker) or four (CP): fewer weights and fewer multiplications wherever a layer has many outputs that are nearly sums of few. Layers that would not become smaller stay. What was pruned or quantised before is lost, so this comes first; retrain afterwards.</source>
        <translation>全连接层变为两个窄层（奇异值），卷积变为至多三个（Tucker）或四个（CP）窄层：凡是一层的许多输出近似为少数几个之和时，权重和乘法都会减少。不会变小的层保持不变。此前的剪枝或量化结果会丢失，因此这一步应放在最前面；之后请再训练。</translation>
    </message>
    <message>
        <source>Of every chosen layer; of a convolution both ranks, the first at most its number of inputs; of CP the number of products. 0: by energy.</source>
        <translation>每个所选层的秩；对卷积则是两个秩，其中第一个至多为其输入数；对 CP 则是乘积的个数。0：按能量确定。</translation>
    </message>
    <message>
        <source>Share of the sum of the squared singular values that is kept, where no rank is given; of a convolution, along its outputs and along its inputs, or by CP of all its weights.</source>
        <translation>未给定秩时所保留的奇异值平方和的比例；对卷积则分别沿其输出和输入计算，用 CP 时则按其全部权重计算。</translation>
    </message>
    <message>
        <source>Convolutions</source>
        <translation>卷积</translation>
    </message>
    <message>
        <source>Trains on with weights and activations of few bits, the steps of their grids learning with them: fewer bits at less loss than rounding after training, and the runtime multiplies whole numbers.</source>
        <translation>以低位宽的权重和激活继续训练，其网格的步长随之学习：与训练后舍入相比，位数更少而损失更小，并且运行时以整数相乘。</translation>
    </message>
    <message>
        <source>Activations on grids too, whose steps learn; else they stay floats.</source>
        <translation>激活也置于网格上，其步长同样学习；否则保持浮点数。</translation>
    </message>
    <message>
        <source>Activation bits</source>
        <translation>激活位数</translation>
    </message>
    <message>
        <source>Of each activation, where they have grids; the model&apos;s input keeps 8. The runtime computes fewer than 8 as bytes: accuracy is then what the bits give, and the time is that of 8.</source>
        <translation>每个激活的位数（当它们有网格时）；模型的输入保持 8 位。运行时把少于 8 位的激活按字节计算：精度由位数决定，时间则与 8 位相同。</translation>
    </message>
    <message>
        <source>Rows of numbers with a label, from a file of delimited text.</source>
        <translation>带标签的数值行，来自分隔文本文件。</translation>
    </message>
    <message>
        <source>The file. Its first line names the columns, unless `header` is false.</source>
        <translation>文件。第一行是列名，除非 `header` 为 false。</translation>
    </message>
    <message>
        <source>The column of labels, words or whole numbers: its name, its number if there is no header, or `first` or `last`. All others hold numbers.</source>
        <translation>标签列，为单词或整数：填列名；没有表头时填列号；也可填 `first` 或 `last`。其余各列均为数值。</translation>
    </message>
    <message>
        <source>Share of each class&apos;s rows, evenly spaced, that is kept to test on if there is no test_path.</source>
        <translation>没有 test_path 时，每个类别中均匀抽取、留作测试的行所占比例。</translation>
    </message>
    <message>
        <source>Header</source>
        <translation>表头</translation>
    </message>
    <message>
        <source>The first line names the columns. Without it they are numbered from 1.</source>
        <translation>第一行是列名。没有时各列从 1 开始编号。</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>略去的列</translation>
    </message>
    <message>
        <source>Columns that are not learned from, such as numbers or names of the rows, separated by commas. A first column without a name is left out by itself.</source>
        <translation>不参与学习的列，例如行号或行名，以逗号分隔。没有名称的第一列会自动略去。</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>缺失值</translation>
    </message>
    <message>
        <source>What becomes of an empty cell, NA or NaN: the file is refused, the column&apos;s mean stands for it, or its row is left out.</source>
        <translation>遇到空单元格、NA 或 NaN 时：拒绝该文件、以该列均值代替，或略去该行。</translation>
    </message>
    <message>
        <source>Delimiter</source>
        <translation>分隔符</translation>
    </message>
    <message>
        <source>What separates the columns. `auto` looks at the first two lines.</source>
        <translation>列分隔符。`auto` 由前两行判断。</translation>
    </message>
    <message>
        <source>Decimal</source>
        <translation>小数点</translation>
    </message>
    <message>
        <source>The decimal sign. `auto` takes commas too where semicolons separate the columns.</source>
        <translation>小数符号。`auto` 在以分号分隔时也接受逗号。</translation>
    </message>
    <message>
        <source>Folder of the classes&apos; folders, or of train/ and test/ (or val/) that hold them.</source>
        <translation>包含各类别文件夹的文件夹，或包含存放它们的 train/ 和 test/（或 val/）的文件夹。</translation>
    </message>
    <message>
        <source>Share of the images, evenly spaced, that is kept to test on if there is neither test/ nor val/.</source>
        <translation>既没有 test/ 也没有 val/ 时，均匀抽取、留作测试的图像所占比例。</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <source>Of .safetensors that another program wrote: the model whose tensors they are, under the same names: its kind, such as `lenet-5`, or JSON like `{&quot;kind&quot;: &quot;mlp&quot;, &quot;hidden&quot;: [64]}`.</source>
        <translation>对于其他程序写出的 .safetensors：这些张量（名称相同）所属的模型，填其类型，例如 `lenet-5`，或如 `{&quot;kind&quot;: &quot;mlp&quot;, &quot;hidden&quot;: [64]}` 的 JSON。</translation>
    </message>
    <message>
        <source>How one larger than 1 x 1 becomes thin. Tucker: 1 x 1, a smaller one, 1 x 1. CP: 1 x 1, then k x 1 and 1 x k of each channel by itself, 1 x 1: fewer weights at one rank, found by iterations that take seconds for a layer of 64 channels; the two in the middle are computed in floats.</source>
        <translation>大于 1 x 1 的卷积如何变窄。Tucker：1 x 1、一个较小的卷积、1 x 1。CP：1 x 1，然后是逐通道的 k x 1 和 1 x k，最后 1 x 1：同一秩下权重更少，由迭代求得，64 通道的层需数秒；中间两层以浮点数计算。</translation>
    </message>
    <message>
        <source>Initializer</source>
        <translation>初始化方法</translation>
    </message>
    <message>
        <source>How the first weights are drawn: uniform within a bound, or normal of the same variance. fan-in: 1/sqrt(inputs), as PyTorch&apos;s layers have it. kaiming: sqrt(6/inputs), so that ReLU keeps the variance [He et al. 2015]. xavier: sqrt(6/(inputs + outputs)), for tanh and sigmoid [Glorot, Bengio 2010]. Biases are within 1/sqrt(inputs).</source>
        <translation>初始权重的抽取方式：在界限内均匀抽取，或按相同方差的正态分布抽取。fan-in：1/sqrt(输入数)，与 PyTorch 各层相同。kaiming：sqrt(6/输入数)，使 ReLU 保持方差 [He et al. 2015]。xavier：sqrt(6/(输入数 + 输出数))，用于 tanh 和 sigmoid [Glorot, Bengio 2010]。偏置在 1/sqrt(输入数) 以内。</translation>
    </message>
    <message>
        <source>Workers train apart and are pulled towards a common centre, and it towards them, every few steps. With a codec both ends move by the same compressed difference.</source>
        <translation>各工作进程分开训练，每隔几步被拉向共同的中心，中心也被拉向它们。使用编解码器时两端按同一个压缩后的差值移动。</translation>
    </message>
    <message>
        <source>tau, the steps that a worker makes alone between two visits to the centre. Bytes fall with it: 8 d / tau a step and worker, and less with a codec, which acts on differences both ways.</source>
        <translation>tau，工作进程两次访问中心之间独自走的步数。字节随之减少：每步每个工作进程 8 d / tau；使用编解码器时更少，它在两个方向上都作用于差值。</translation>
    </message>
    <message>
        <source>Ranks that only keep the centre, counted in /workers besides those that train. 0: shard s lies with worker s mod N, which serves it while it trains. Of a model that is divided over a pipeline or tensor axis each part has as many.</source>
        <translation>只保存中心参数的进程数，在 /workers 中与训练的进程一并计数。0：分片 s 放在工作进程 s mod N 上，由它在训练的同时提供服务。模型被流水线轴或张量轴切分时，每个部分各有这么多。</translation>
    </message>
    <message>
        <source>Goes on without lost</source>
        <translation>丢失后继续</translation>
    </message>
    <message>
        <source>When a worker is lost, its clients of that round count as dropped out, and the other workers train all clients from then on. false: the run ends, and can go on from its last checkpoint; then a knob may be held at a measured target, and messages watched one at a time. With scaffold it always ends: what its clients remember lies with their worker.</source>
        <translation>丢失一个工作进程时，它在该轮中的客户端视为退出，此后由其余工作进程训练所有客户端。false：运行结束，可从最后一个检查点继续；此时旋钮可以保持在测量目标上，消息可以逐条观察。使用 scaffold 时总是结束：其客户端记住的内容保存在它们的工作进程中。</translation>
    </message>
    <message>
        <source>Each worker averages its parameters with its neighbours&apos; and takes its own step; nobody waits for all. With a codec it sends what has changed (Tang et al., NeurIPS 2018).</source>
        <translation>每个工作进程与邻居平均参数并走自己的一步；没有谁需要等待全体。使用编解码器时只发送变化量（Tang 等，NeurIPS 2018）。</translation>
    </message>
    <message>
        <source>With a codec: how far a step goes towards the neighbours&apos; public copies. 0: by the codec, 1 where it sends each element (fp16, int8, signs), else the share of the bytes that it sends (0.2 for top-k of 10 %). Smaller, if the consensus distance grows. Without a codec it is 1.</source>
        <translation>使用编解码器时：一步向邻居的公开副本靠近多少。0：由编解码器决定，发送每个元素的（fp16、int8、符号）为 1，否则为所发送字节的比例（10 % 的 top-k 为 0.2）。若共识距离增大，请取更小的值。不使用编解码器时为 1。</translation>
    </message>
    <message>
        <source>With a codec: parameters are compressed in groups of at least this size, each with a codec of its own.</source>
        <translation>使用编解码器时：参数按至少这样大小的组压缩，每组有自己的编解码器。</translation>
    </message>
    <message>
        <source>Ranks that only serve, counted in /workers besides those that train; shard s lies with the s-th of them, in turn. 0: shard s lies with worker s mod N, which serves it while it trains. With dedicated servers an asynchronous run outlives any lost worker. Of a model that is divided over a pipeline or tensor axis each part has as many.</source>
        <translation>只提供服务的进程数，在 /workers 中与训练的进程一并计数；分片 s 依次放在其中第 s 个上。0：分片 s 放在工作进程 s mod N 上，由它在训练的同时提供服务。有专用服务器时，异步运行在失去任何一个工作进程后都能继续。模型被流水线轴或张量轴切分时，每个部分各有这么多。</translation>
    </message>
    <message>
        <source>k/d, the share of elements that is sent. Each costs 8 bytes. The k are chosen within a bucket of the exchange: with a /exchange/bucket_mib of 0.001 within each layer&apos;s weights, with one as large as the model within all of it.</source>
        <translation>k/d，即发送的元素所占比例。每个元素占 8 字节。k 个元素在交换的一个桶内选取：/exchange/bucket_mib 为 0.001 时在每层的权重内选取，与模型一样大时在整个模型内选取。</translation>
    </message>
    <message>
        <source>Cores</source>
        <translation>核心</translation>
    </message>
    <message>
        <source>Cores that these workers are pinned to, as 0-3,6; each gets as many as it has threads, one behind the other. Empty: the system places them.</source>
        <translation>这些工作进程所绑定的核心，例如 0-3,6；每个工作进程依次得到与其线程数相同的核心。留空：由系统安排。</translation>
    </message>
    <message>
        <source>Memory that each worker may use: one that uses more is ended, and the run says so. Over MPI it only bounds what is mapped. 0: no limit.</source>
        <translation>每个工作进程可用的内存：超出者被结束，运行会说明。使用 MPI 时只限制映射的内存。0：不限制。</translation>
    </message>
    <message>
        <source>Niceness</source>
        <translation>优先级让步</translation>
    </message>
    <message>
        <source>How far they stand back behind other programs of this machine; 19: only where nobody else wants to run.</source>
        <translation>它们在本机其他程序之后让步的程度；19：仅在无人需要运行时才运行。</translation>
    </message>
    <message>
        <source>Raw gRPC streams over one TCP connection for every two ranks; each proves the run&apos;s secret first. Between hosts the same frames go as records of mutual TLS.</source>
        <translation>每两个 rank 之间在一条 TCP 连接上使用原始 gRPC 流；双方先证明知道该运行的密钥。在主机之间，同样的帧作为双向 TLS 的记录传输。</translation>
    </message>
    <message>
        <source>A pattern that the names of the layers fit (&quot;conv*&quot;; * stands for any characters, ? for one): dense layers and convolutions that do are compressed, the others stay as they are. Several are separated by commas, and one behind ! leaves layers out: &quot;*, !conv1&quot;.</source>
        <translation>层名所匹配的模式（&quot;conv*&quot;；* 代表任意多个字符，? 代表一个）：匹配的全连接层和卷积层被压缩，其余保持不变。多个模式用逗号分隔，以 ! 开头的模式排除相应的层：&quot;*, !conv1&quot;。</translation>
    </message>
    <message>
        <source>Of each layer the smallest weights become zero, and stay so while it retrains: they matter least to its sums. The file shrinks with the zeros; time does only where sparse kernels take over, from about 70 % (beyond 95 % of a dense layer). Half can go at once, more in steps with retraining between.</source>
        <translation>每层最小的权重归零，再训练时保持为零：它们对该层的求和影响最小。文件随零的增多而缩小；时间则要到稀疏内核接手时才减少，约从 70 % 起（全连接层要超过 95 %）。可一次剪去一半，更多则分几个步骤，其间再训练。</translation>
    </message>
    <message>
        <source>What is held. bytes_per_second: sent by a worker while it makes steps, all that surrounds the payload included, the mean of the workers. relative_error: of the codec, ‖x − decoded‖ / ‖x‖ of all workers together, measured every /training/measure_every_steps.</source>
        <translation>保持什么不变。bytes_per_second：一个 worker 在走步时发送的字节数，包括负载之外的一切，取各 worker 的平均值。relative_error：编解码器的误差 ‖x − decoded‖ / ‖x‖，所有 worker 合计，每隔 /training/measure_every_steps 步测量一次。</translation>
    </message>
    <message>
        <source>Engine grace</source>
        <translation>引擎宽限</translation>
    </message>
    <message>
        <source>How long workers of the engine&apos;s machine train on without it once it has died; the next engine finds them, and the run goes on. After that they end by themselves. 0: they end with it.</source>
        <translation>引擎意外终止后，本机的工作进程在没有引擎的情况下还能继续训练多久；下一个引擎会找到它们，运行随即继续。超过此时间后它们自行结束。0：随引擎一同结束。</translation>
    </message>
    <message>
        <source>Measure every</source>
        <translation>测量间隔</translation>
    </message>
    <message>
        <source>How often the figures are taken that cost more than a look at the clock, or need more room: each layer&apos;s, a codec&apos;s error, and when the worker came to each collective. 1 for every step: a codec&apos;s error costs a copy and a decoding.</source>
        <translation>多久测量一次那些比读一次时钟代价更高或更占空间的数据：各层的数据、编解码器的误差，以及 worker 到达每次集合通信的时刻。1 表示每一步：编解码器的误差需要一次复制和一次解码。</translation>
    </message>
    <message>
        <source>Tensor axis</source>
        <translation>张量轴</translation>
    </message>
    <message>
        <source>What the ranks that cut the layers between them add up in training. Only counts where the mesh&apos;s tensor axis is more than 1.</source>
        <translation>共同切分各层的 rank 在训练中相加的内容。仅当网格的张量轴大于 1 时有效。</translation>
    </message>
    <message>
        <source>The codec of the sums over the tensor axis: activations forward, their gradients backward. One that keeps nothing from sum to sum: fp16 is added up on the way, for half of the bytes; what does not sum, like int8, is gathered from all ranks. It costs accuracy at every pair of layers, and evaluations are without it.</source>
        <translation>张量轴上求和所用的编解码器：前向为激活值，反向为其梯度。须是不在两次求和之间保留任何内容的编解码器：fp16 在途中相加，字节数减半；不能相加的（如 int8）则从所有 rank 收集。每一对层都会损失一些精度，评估时不使用它。</translation>
    </message>
</context>
<context>
    <name>Paper</name>
    <message>
        <source>Deep Compression</source>
        <translation>Deep Compression</translation>
    </message>
    <message>
        <source>Table 1, LeNet-300-100</source>
        <translation>表 1，LeNet-300-100</translation>
    </message>
    <message>
        <source>Pruned, its weights shared and the rest coded, LeNet-300-100 takes 27 KB instead of 1,070, 40 times less, and errs no more on MNIST.</source>
        <translation>经过剪枝、权重共享并对其余部分编码后，LeNet-300-100 只需 27 KB，而不是 1,070 KB，缩小 40 倍，在 MNIST 上的错误并未增多。</translation>
    </message>
    <message>
        <source>The schedule of training, pruning and retraining is ours. Codebooks have 5 bits in every layer, where the paper has 6 for weights, and the file is one that the device reads.</source>
        <translation>训练、剪枝和再训练的安排是我们自己的。各层的码本都是 5 位，论文的权重用 6 位；文件是设备能直接读取的文件。</translation>
    </message>
    <message>
        <source>A quarter of the training and of the retraining: the size is the same, and what is lost must be won back in less time.</source>
        <translation>训练和再训练都只有四分之一：大小相同，而损失的准确率要在更短的时间里补回。</translation>
    </message>
    <message>
        <source>Size of the file</source>
        <translation>文件大小</translation>
    </message>
    <message>
        <source>A tenth more: the container and its headers are ours. A smaller file is no failure.</source>
        <translation>多十分之一：容器及其文件头是我们自己的。文件更小不算失败。</translation>
    </message>
    <message>
        <source>Times smaller</source>
        <translation>缩小的倍数</translation>
    </message>
    <message>
        <source>A tenth less, as for the file.</source>
        <translation>少十分之一，与文件相同。</translation>
    </message>
    <message>
        <source>Accuracy lost</source>
        <translation>损失的准确率</translation>
    </message>
    <message>
        <source>Two counts of about 150 errors in 10,000 differ by 0.17 points by chance.</source>
        <translation>10,000 个样本中约 150 个错误，两次计数偶然相差 0.17 个百分点。</translation>
    </message>
    <message>
        <source>Federated averaging</source>
        <translation>联邦平均</translation>
    </message>
    <message>
        <source>Table 1, 2NN, C = 0.1, E = 1, B = 10, IID</source>
        <translation>表 1，2NN，C = 0.1，E = 1，B = 10，IID</translation>
    </message>
    <message>
        <source>With 10 of 100 clients a round, each training one epoch in batches of 10, the mean of their models is at 97 % of MNIST after 87 rounds.</source>
        <translation>每通信轮由 100 个客户端中的 10 个参加，各以 10 个样本为一批训练一轮，其模型的平均在 87 个通信轮后达到 MNIST 的 97 %。</translation>
    </message>
    <message>
        <source>The paper takes the best of 11 to 13 learning rates; here it is one. It does not say how it initialises its models. Two workers play the 100 clients.</source>
        <translation>论文取 11 至 13 个学习率中最好的一个；这里只用一个。论文没有说明模型如何初始化。两个工作进程扮演 100 个客户端。</translation>
    </message>
    <message>
        <source>Rounds to 97 %, by the paper&apos;s own rule</source>
        <translation>达到 97 % 的通信轮数（按论文自己的规则）</translation>
    </message>
    <message>
        <source>Half as many again: initial values, the draw of the clients and the learning rate differ. Fewer rounds are no failure.</source>
        <translation>多一半：初始值、客户端的抽取和学习率都不同。通信轮更少不算失败。</translation>
    </message>
    <message>
        <source>Parameters of the 2NN</source>
        <translation>2NN 的参数</translation>
    </message>
    <message>
        <source>It is the paper&apos;s model or it is not.</source>
        <translation>要么是论文的模型，要么不是。</translation>
    </message>
    <message>
        <source>GPipe&apos;s bubble</source>
        <translation>GPipe 的气泡</translation>
    </message>
    <message>
        <source>Section 2.3, (K - 1) / (M + K - 1)</source>
        <translation>第 2.3 节，(K - 1) / (M + K - 1)</translation>
    </message>
    <message>
        <source>With M micro-batches on K stages each stage is idle for (K - 1) / (M + K - 1) of the time.</source>
        <translation>M 个微批次经过 K 个阶段时，每个阶段有 (K - 1) / (M + K - 1) 的时间空闲。</translation>
    </message>
    <message>
        <source>The formula is of equal stages: two stages of an MLP of 8 layers are nearly equal. What is held against it is the wait of the slowest stage, without what the other waits for that one. It wants a machine with nothing else to do: two stages need two cores.</source>
        <translation>该公式针对相等的阶段：8 层 MLP 的两个阶段几乎相等。与它比较的是最慢阶段的等待，不含另一阶段等它的时间。需要一台没有其他工作的机器：两个阶段需要两个核。</translation>
    </message>
    <message>
        <source>40 steps instead of 100, so that the medians are of fewer measurements.</source>
        <translation>40 步而不是 100 步，因此中位数来自较少的测量。</translation>
    </message>
    <message>
        <source>Idle, 1 micro-batch</source>
        <translation>空闲，1 个微批次</translation>
    </message>
    <message>
        <source>With one stage 0.8 times as long as the other the formula gives 0.44; and messages take time.</source>
        <translation>一个阶段的时长是另一个的 0.8 倍时，公式给出 0.44；消息也要花时间。</translation>
    </message>
    <message>
        <source>Idle, 2 micro-batches</source>
        <translation>空闲，2 个微批次</translation>
    </message>
    <message>
        <source>As above: 0.29 for stages of 0.8 to 1.</source>
        <translation>同上：阶段为 0.8 比 1 时是 0.29。</translation>
    </message>
    <message>
        <source>Idle, 4 micro-batches</source>
        <translation>空闲，4 个微批次</translation>
    </message>
    <message>
        <source>As above: 0.17 for stages of 0.8 to 1.</source>
        <translation>同上：阶段为 0.8 比 1 时是 0.17。</translation>
    </message>
    <message>
        <source>Idle, 8 micro-batches</source>
        <translation>空闲，8 个微批次</translation>
    </message>
    <message>
        <source>As above: 0.09 for stages of 0.8 to 1.</source>
        <translation>同上：阶段为 0.8 比 1 时是 0.09。</translation>
    </message>
    <message>
        <source>The lottery ticket</source>
        <translation>彩票假说</translation>
    </message>
    <message>
        <source>Section 2, LeNet-300-100 on MNIST at 3.6 % of its weights</source>
        <translation>第 2 节，MNIST 上的 LeNet-300-100，保留 3.6 % 的权重</translation>
    </message>
    <message>
        <source>Trained from its own first values, the network that is left of 15 rounds of pruning is as accurate as the whole one; from values drawn anew it is not.</source>
        <translation>15 轮剪枝后剩下的网络，若从它自己的初始值开始训练，准确率与完整网络相同；若从重新抽取的值开始则不然。</translation>
    </message>
    <message>
        <source>One seed, where the paper has five trials; 20 epochs of batches of 60 are 20,000 steps, where the paper has 50,000.</source>
        <translation>只用一个随机种子，论文做了五次试验；每批 60 个样本、20 轮共 20,000 步，论文为 50,000 步。</translation>
    </message>
    <message>
        <source>5 epochs a round instead of 20: the same network is left, less trained.</source>
        <translation>每轮剪枝训练 5 轮而不是 20 轮：剩下的网络相同，只是训练得少。</translation>
    </message>
    <message>
        <source>Weights and biases left</source>
        <translation>剩余的权重和偏置</translation>
    </message>
    <message>
        <source>3.6 % of the weights</source>
        <translation>权重的 3.6 %</translation>
    </message>
    <message>
        <source>3.6 % of 266,200 weights are 9,583, and the 410 biases, which are not pruned, are counted too.</source>
        <translation>266,200 个权重的 3.6 % 是 9,583 个；410 个偏置不剪枝，也计算在内。</translation>
    </message>
    <message>
        <source>The ticket less the whole</source>
        <translation>中奖彩票减完整网络</translation>
    </message>
    <message>
        <source>Two counts of about 180 errors in 10,000 differ by 0.2 points by chance.</source>
        <translation>10,000 个样本中约 180 个错误，两次计数偶然相差 0.2 个百分点。</translation>
    </message>
    <message>
        <source>After a fourth of the training neither is at its end.</source>
        <translation>只训练四分之一时，两者都未到终点。</translation>
    </message>
    <message>
        <source>The ticket less its weights drawn anew</source>
        <translation>中奖彩票减重新抽取的权重</translation>
    </message>
    <message>
        <source>better</source>
        <translation>更好</translation>
    </message>
    <message>
        <source>The paper shows curves, and no number for it; twice what chance makes of two counts is asked for.</source>
        <translation>论文只给出曲线，没有数字；要求差距达到两次计数偶然误差的两倍。</translation>
    </message>
    <message>
        <source>One forward, one backward</source>
        <translation>一前一后 (1F1B)</translation>
    </message>
    <message>
        <source>Section 2.2.1</source>
        <translation>第 2.2.1 节</translation>
    </message>
    <message>
        <source>Where GPipe keeps the activations of all m micro-batches, 1F1B keeps those of at most p, the number of stages; the bubble is the same.</source>
        <translation>GPipe 要保留全部 m 个微批次的激活值，1F1B 至多保留 p 个（p 为阶段数）；两者的气泡相同。</translation>
    </message>
    <message>
        <source>An MLP of 8 layers in two stages, not a language model: the numbers follow from the order of the work alone.</source>
        <translation>用分为两个阶段的 8 层 MLP，而不是语言模型：这些数字只取决于工作的顺序。</translation>
    </message>
    <message>
        <source>Micro-batches kept, 1F1B</source>
        <translation>保留的微批次，1F1B</translation>
    </message>
    <message>
        <source>It is counted, and follows from the order of the work.</source>
        <translation>这是数出来的，由工作的顺序决定。</translation>
    </message>
    <message>
        <source>Micro-batches kept, GPipe</source>
        <translation>保留的微批次，GPipe</translation>
    </message>
    <message>
        <source>Idle, 1F1B less GPipe</source>
        <translation>空闲，1F1B 减 GPipe</translation>
    </message>
    <message>
        <source>Two measured times on a machine that has other work: 10 points.</source>
        <translation>在还有其他工作的机器上测得的两个时间：10 个百分点。</translation>
    </message>
</context>
</TS>
