<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Analysis</name>
    <message>
        <source>a single worker waits for nobody</source>
        <translation>只有一个工作进程，无须等待任何人</translation>
    </message>
    <message>
        <source>the workers are on several hosts, and arrivals on different clocks cannot be compared</source>
        <translation>工作进程分布在多台主机上，不同时钟下的到达时刻无法比较</translation>
    </message>
    <message>
        <source>there is no gradient codec: gradients travel whole, and nothing is left behind</source>
        <translation>没有梯度编解码器：梯度完整传送，不留下任何残差</translation>
    </message>
    <message>
        <source>neighbours exchange parameters, not gradients: what a codec leaves of those is not measured by layer</source>
        <translation>相邻的工作进程交换的是参数而不是梯度：编解码器从中留下的部分不按层测量</translation>
    </message>
    <message>
        <source>clients send how far they came in a round, not gradients: what a codec leaves of that is not measured by layer</source>
        <translation>客户端发送的是一个通信轮中的变化量而不是梯度：编解码器从中留下的部分不按层测量</translation>
    </message>
    <message>
        <source>the workers do not wait for one another: each takes its steps at its own pace</source>
        <translation>工作进程互不等待，各按自己的节奏推进</translation>
    </message>
    <message>
        <source>the exchange is asynchronous: gradients are of parameters that are some steps old, in an order that depends on who comes first</source>
        <translation>交换是异步的：梯度基于若干步之前的参数算出，计入的次序取决于谁先到</translation>
    </message>
    <message>
        <source>gossip averages with neighbours only: every rank has parameters of its own, which agree in the limit</source>
        <translation>Gossip 只与邻居求平均：各 rank 的参数各不相同，仅在极限下一致</translation>
    </message>
    <message>
        <source>ranks take local steps between averages: each follows its own gradients for a while, which is another training</source>
        <translation>两次平均之间各 rank 走本地步：各自沿自己的梯度前进一段，属于另一种训练</translation>
    </message>
    <message>
        <source>federated clients train on their own data for whole rounds, and only then are averaged</source>
        <translation>联邦客户端先用各自的数据训练整个通信轮，之后才求平均</translation>
    </message>
    <message>
        <source>the exchange &quot;%1&quot; makes no promise to equal one worker</source>
        <translation>交换方式“%1”不保证与单个工作进程等价</translation>
    </message>
    <message>
        <source>the gradient codec &quot;%1&quot; loses something of each gradient, as it is meant to</source>
        <translation>梯度编解码器“%1”按其设计会丢失每个梯度的一部分信息</translation>
    </message>
    <message>
        <source>under the partition &quot;%1&quot; a global batch does not hold the samples that one worker&apos;s would</source>
        <translation>在数据划分“%1”下，全局批所含的样本与单个工作进程时不同</translation>
    </message>
    <message>
        <source>batch norm takes mean and variance of each worker&apos;s own batch, one worker those of the whole global batch: the two differ by design</source>
        <translation>批归一化取每个工作进程自己那一批的均值和方差，单个工作进程则取整个全局批的：两者本就不同</translation>
    </message>
    <message>
        <source>dropout draws its masks by the place in a worker&apos;s own batch, which is another place in the global batch</source>
        <translation>随机失活 (dropout) 按样本在工作进程自己那一批中的位置抽取掩码，而它在全局批中的位置并不相同</translation>
    </message>
    <message>
        <source>sums in another order round differently, and %1 divides by the root of the second moment: %2 units of 2^-24 for each of %3 steps</source>
        <translation>求和次序不同，舍入也就不同，且 %1 要除以二阶矩的平方根：%3 步，每步允许 %2 个 2^-24 单位</translation>
    </message>
    <message>
        <source>sums in another order round differently: %1 units of 2^-24, that of a 32-bit float, for each of %2 steps</source>
        <translation>求和次序不同，舍入也就不同：%2 步，每步允许 %1 个 2^-24 单位（32 位浮点数的舍入单位）</translation>
    </message>
    <message>
        <source>%1.</source>
        <extracomment>the end of a sentence</extracomment>
        <translation>%1。</translation>
    </message>
</context>
<context>
    <name>ChartExport</name>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>无法写入 %1：%2</translation>
    </message>
</context>
<context>
    <name>DeviceText</name>
    <message>
        <source>The device answered without figures.</source>
        <translation>设备的应答中没有测量数据。</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Median</source>
        <extracomment>Of the latency of one answer.</extracomment>
        <translation>中位数</translation>
    </message>
    <message>
        <source>90 %</source>
        <extracomment>Of the latency of one answer: so many of 100 are not slower.</extracomment>
        <translation>90 %</translation>
    </message>
    <message>
        <source>99 %</source>
        <translation>99 %</translation>
    </message>
    <message>
        <source>Loaded in</source>
        <translation>加载用时</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>峰值内存</translation>
    </message>
    <message>
        <source>Program there</source>
        <translation>设备上的程序</translation>
    </message>
    <message>
        <source>Model there</source>
        <translation>设备上的模型</translation>
    </message>
</context>
<context>
    <name>ExportWriter</name>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>无法写入 %1：%2</translation>
    </message>
    <message>
        <source>%1 cannot be opened for writing: %2</source>
        <translation>无法打开 %1 进行写入：%2</translation>
    </message>
    <message>
        <source>The engine sent data without a file name.</source>
        <translation>引擎发来了数据，却没有文件名。</translation>
    </message>
    <message>
        <source>%1 Written before, and whole: %2. The rest is missing.</source>
        <translation>%1 此前已完整写出：%2。其余文件缺失。</translation>
    </message>
</context>
<context>
    <name>Forms</name>
    <message>
        <source>%1, %2</source>
        <extracomment>%1 is a noun such as &quot;a number&quot;, %2 a range such as &quot;0 to 1&quot; or &quot;at least 1&quot;.</extracomment>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 到 %2</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>不小于 %1</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>不大于 %1</translation>
    </message>
    <message>
        <source>on</source>
        <translation>开</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>A value is needed here.</source>
        <translation>此处需要填写。</translation>
    </message>
    <message>
        <source>on or off</source>
        <translation>开或关</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>a path</source>
        <translation>路径</translation>
    </message>
    <message>
        <source>A path is needed here.</source>
        <translation>此处需要填写路径。</translation>
    </message>
    <message>
        <source>one of %1</source>
        <translation>以下之一：%1</translation>
    </message>
    <message>
        <source>whole numbers with commas between them</source>
        <translation>以逗号分隔的整数</translation>
    </message>
    <message>
        <source>Expected: %1.</source>
        <translation>应为：%1。</translation>
    </message>
    <message>
        <source>Expected: %1. Found: %2.</source>
        <translation>应为：%1；实为：%2。</translation>
    </message>
</context>
<context>
    <name>ImportSender</name>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>无法读取 %1：%2</translation>
    </message>
</context>
<context>
    <name>LiveKnobs</name>
    <message>
        <source>%1, group %2</source>
        <extracomment>&quot;Workers, group 2&quot;: the second entry of an experiment&apos;s list of workers</extracomment>
        <translation>%1，第 %2 组</translation>
    </message>
</context>
<context>
    <name>MeshWords</name>
    <message>
        <source>%1 in one message</source>
        <extracomment>%1 is an amount of bytes with its unit, %2 a number that need not be whole</extracomment>
        <translation>%1（1 条消息）</translation>
    </message>
    <message>
        <source>%1 in %2 messages</source>
        <translation>%1（%2 条消息）</translation>
    </message>
    <message>
        <source>Each stage sends %1 to the next stage.</source>
        <translation>每个阶段向下一阶段发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the next of its tensor group.</source>
        <translation>每个 rank 向所在张量组的下一个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the next replica.</source>
        <translation>每个 rank 向下一副本发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the next.</source>
        <translation>每个 rank 向下一个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each stage sends %1 back to the stage before.</source>
        <translation>每个阶段向上一阶段回传 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the one before it in its tensor group.</source>
        <translation>每个 rank 向所在张量组的上一个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the replica before.</source>
        <translation>每个 rank 向上一副本发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the one before.</source>
        <translation>每个 rank 向上一个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the other of its tensor group.</source>
        <translation>每个 rank 向所在张量组的另一个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the other replica.</source>
        <translation>每个 rank 向另一副本发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the other.</source>
        <translation>每个 rank 向另一个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to the one %2 further.</source>
        <translation>每个 rank 向其后第 %2 个 rank 发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to its partner at distance %2.</source>
        <translation>每个 rank 向距离为 %2 的伙伴发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to every other of its tensor group.</source>
        <translation>每个 rank 向所在张量组的其他各 rank 分别发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to every other replica.</source>
        <translation>每个 rank 向其他各副本分别发送 %1。</translation>
    </message>
    <message>
        <source>Each rank sends %1 to every other.</source>
        <translation>每个 rank 向其他各 rank 分别发送 %1。</translation>
    </message>
    <message>
        <source>Each worker sends %1 to server %2.</source>
        <translation>每个工作进程向服务器 %2 发送 %1。</translation>
    </message>
    <message>
        <source>Each worker sends %1 to rank %2.</source>
        <translation>每个工作进程向 rank %2 发送 %1。</translation>
    </message>
    <message>
        <source>Server %2 sends %1 to each worker.</source>
        <translation>服务器 %2 向每个工作进程发送 %1。</translation>
    </message>
    <message>
        <source>Rank %2 sends %1 to each other.</source>
        <translation>Rank %2 向其他各 rank 分别发送 %1。</translation>
    </message>
    <message>
        <source>Rank %1 sends %3 to rank %2.</source>
        <translation>Rank %1 向 rank %2 发送 %3。</translation>
    </message>
    <message>
        <source>One worker: nothing is sent.</source>
        <translation>只有一个工作进程，不发送数据。</translation>
    </message>
    <message>
        <source>Nothing is sent.</source>
        <translation>不发送数据。</translation>
    </message>
    <message numerus="yes">
        <source>%n more flow(s) carry %1 together.</source>
        <translation>
            <numerusform>另有 %n 条数据流，共传输 %1。</numerusform>
        </translation>
    </message>
    <message>
        <source>Server %1</source>
        <translation>服务器 %1</translation>
    </message>
    <message>
        <source>Rank %1</source>
        <translation>Rank %1</translation>
    </message>
    <message>
        <source>replica %1</source>
        <translation>副本 %1</translation>
    </message>
    <message>
        <source>stage %1</source>
        <translation>阶段 %1</translation>
    </message>
    <message>
        <source>tensor part %1</source>
        <translation>张量分片 %1</translation>
    </message>
    <message>
        <source>%1 neither sends nor gets anything.</source>
        <translation>%1 既不发送也不接收数据。</translation>
    </message>
    <message>
        <source>%1 sends %2 and gets %3 a step.</source>
        <extracomment>%1 is a rank; %2 and %3 are like &quot;2.59 MB in 12 messages&quot;</extracomment>
        <translation>%1 每步发送 %2，接收 %3。</translation>
    </message>
    <message>
        <source>Replicas</source>
        <translation>副本之间</translation>
    </message>
    <message>
        <source>Stages</source>
        <translation>阶段之间</translation>
    </message>
    <message>
        <source>Tensor groups</source>
        <translation>张量组内</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>与服务器</translation>
    </message>
    <message>
        <source>The slowest link is that from rank %1 to %2 (%3): at least %4 a step.</source>
        <extracomment>%3 is a link like &quot;10 Mbit/s, 5 ms&quot;, %4 a time with its unit</extracomment>
        <translation>最慢的链路是从 %1 号到 %2 号（%3）：每步至少 %4。</translation>
    </message>
</context>
<context>
    <name>MessageWording</name>
    <message>
        <source>Reduce-scatter</source>
        <translation>规约-散发</translation>
    </message>
    <message>
        <source>To be summed</source>
        <translation>待求和</translation>
    </message>
    <message>
        <source>All-gather</source>
        <translation>全收集</translation>
    </message>
    <message>
        <source>The sum</source>
        <translation>总和</translation>
    </message>
    <message>
        <source>Gather</source>
        <translation>收集</translation>
    </message>
    <message>
        <source>Broadcast</source>
        <translation>广播</translation>
    </message>
    <message>
        <source>Barrier</source>
        <translation>屏障</translation>
    </message>
    <message>
        <source>Activation</source>
        <translation>激活值</translation>
    </message>
    <message>
        <source>Gradient of the activation</source>
        <translation>激活值的梯度</translation>
    </message>
    <message>
        <source>Gradient to the server</source>
        <translation>发往服务器的梯度</translation>
    </message>
    <message>
        <source>Asks for parameters</source>
        <translation>请求参数</translation>
    </message>
    <message>
        <source>The server&apos;s answer</source>
        <translation>服务器的应答</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>micro-batch %1</source>
        <translation>微批次 %1</translation>
    </message>
    <message>
        <source>segment %1 of %2</source>
        <translation>第 %1 段，共 %2 段</translation>
    </message>
    <message>
        <source>made at step %1</source>
        <translation>产生于第 %1 步</translation>
    </message>
    <message numerus="yes">
        <source>%n update(s) late</source>
        <translation>
            <numerusform>滞后 %n 次更新</numerusform>
        </translation>
    </message>
    <message>
        <source>Rank %1 → rank %2: %3, %4</source>
        <extracomment>%1 and %2 are ranks, %3 what the message is for, %4 its size: &quot;Rank 0 → rank 1: All-gather, 31 kB&quot;</extracomment>
        <translation>rank %1 → rank %2：%3，%4</translation>
    </message>
</context>
<context>
    <name>NumberFormat</name>
    <message>
        <source>%1 samples/s</source>
        <translation>%1 样本/秒</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 小时 %2 分</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 天 %2 小时</translation>
    </message>
</context>
<context>
    <name>PictureButton</name>
    <message>
        <source>Save “%1”</source>
        <translation>保存“%1”</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1 文件 (*.%2)</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>已写入：%1</translation>
    </message>
    <message>
        <source>Copy or save “%1”</source>
        <translation>复制或保存“%1”</translation>
    </message>
    <message>
        <source>Copy this picture, or save it or its numbers</source>
        <translation>复制此图，或保存图及其数值</translation>
    </message>
    <message>
        <source>Copy Picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>保存为 PNG…</translation>
    </message>
    <message>
        <source>Save as SVG…</source>
        <translation>保存为 SVG…</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>保存为 PDF…</translation>
    </message>
    <message>
        <source>Save Data as CSV…</source>
        <translation>将数据保存为 CSV…</translation>
    </message>
</context>
<context>
    <name>PlanFacts</name>
    <message>
        <source>Steps</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>%1 an epoch</source>
        <translation>每轮 %1 步</translation>
    </message>
    <message>
        <source>Global batch</source>
        <translation>全局批大小</translation>
    </message>
    <message numerus="yes">
        <source>%n worker(s)</source>
        <translation>
            <numerusform>%n 个工作进程</numerusform>
        </translation>
    </message>
    <message>
        <source>Sent a step and worker</source>
        <translation>每步每进程发送</translation>
    </message>
    <message numerus="yes">
        <source>in %n message(s)</source>
        <translation>
            <numerusform>分 %n 条消息</numerusform>
        </translation>
    </message>
    <message>
        <source>Gradient, uncompressed</source>
        <translation>未压缩的梯度</translation>
    </message>
    <message>
        <source>a step</source>
        <translation>每步</translation>
    </message>
    <message>
        <source>Memory a worker</source>
        <translation>每进程内存</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Computation</source>
        <translation>计算量</translation>
    </message>
    <message>
        <source>a sample, both ways</source>
        <translation>每样本，含前向与反向</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>and %1 to test</source>
        <translation>另有 %1 个测试样本</translation>
    </message>
    <message>
        <source>computing</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>bandwidth</source>
        <translation>带宽</translation>
    </message>
    <message>
        <source>latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>Expected step</source>
        <translation>预计每步</translation>
    </message>
    <message>
        <source>computing alone</source>
        <translation>仅计算</translation>
    </message>
    <message>
        <source>%1 computing, %2 waiting; most is %3</source>
        <translation>计算 %1，等待 %2；主要是%3</translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation>%1，用时 %2</translation>
    </message>
    <message>
        <source>%1 in %2, by an estimate of the disk</source>
        <translation>%1，用时 %2（磁盘速度为估计值）</translation>
    </message>
    <message>
        <source>Checkpoint every</source>
        <translation>检查点间隔</translation>
    </message>
    <message>
        <source>some %1 steps; %2</source>
        <translation>约 %1 步；%2</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>首选项</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>语言(&amp;L)</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>The language changes when the program is started again. Runs are not touched by that.</source>
        <translation>语言在程序重新启动后生效，运行不受影响。</translation>
    </message>
    <message>
        <source>&amp;Notify when a run ends and this window is not in use</source>
        <translation>运行结束且未在使用此窗口时通知我(&amp;N)</translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message>
        <source>Demonstration</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>One Worker</source>
        <translation>单个工作进程</translation>
    </message>
    <message>
        <source>Parameter Server</source>
        <translation>参数服务器</translation>
    </message>
    <message>
        <source>Half Precision</source>
        <translation>半精度</translation>
    </message>
    <message>
        <source>Gradients travel as 16-bit floats, so half the bytes are sent. The gentlest way to compress, and often enough.</source>
        <translation>梯度以 16 位浮点数传输，字节数减半。这是最温和的压缩，往往已经够用。</translation>
    </message>
    <message>
        <source>Two Classes a Worker</source>
        <translation>每个进程两类数据</translation>
    </message>
    <message>
        <source>Samples are sorted by label and dealt out in shards, so no worker sees them all. The plan shows who gets what; the curves show what it costs.</source>
        <translation>样本按标签排序后分片派发，没有哪个工作进程能见到全部类别。方案说明谁分到什么，曲线说明代价多大。</translation>
    </message>
    <message>
        <source>Slow Network, Dense</source>
        <translation>慢速网络，稠密梯度</translation>
    </message>
    <message>
        <source>Every link is held to 100 Mbit/s and the whole gradient is sent. Watch how much of a step is spent waiting.</source>
        <translation>每条链路限速 100 Mbit/s，发送完整梯度。看看一步之中有多少时间花在等待上。</translation>
    </message>
    <message>
        <source>Slow Network, Top-k</source>
        <translation>慢速网络，Top-k</translation>
    </message>
    <message>
        <source>The same links with one element of the gradient in a hundred. Compare it with the dense run by seconds and by bytes.</source>
        <translation>同样的链路，只发送百分之一的梯度元素。请按时间和字节与稠密运行对比。</translation>
    </message>
    <message>
        <source>What Does a Strategy Tolerate?</source>
        <translation>一种策略能容忍什么？</translation>
    </message>
    <message>
        <source>One worker becomes slow, one stands still, one is killed, and the server does not wait for any of them. Change the exchange, run it again, and compare.</source>
        <translation>一个工作进程变慢，一个停住，一个被杀死，而服务器不等待其中任何一个。换一种交换方式，再运行一次，然后比较。</translation>
    </message>
    <message>
        <source>What Does Staleness Do?</source>
        <translation>陈旧度有什么影响？</translation>
    </message>
    <message>
        <source>Four workers push gradients to a server that waits for all, for the slowest by three steps, or for nobody, at three learning rates. See at which rates the accuracy falls once nobody waits.</source>
        <translation>四个工作进程把梯度推送到服务器：它等待全部、最多领先最慢者三步，或谁也不等，并各用三种学习率。看看谁也不等时，在哪些学习率下准确率会下降。</translation>
    </message>
    <message>
        <source>When Is a Slow Link Worth a Codec?</source>
        <translation>链路多慢才值得用编解码器？</translation>
    </message>
    <message>
        <source>No codec, 16 bits, and one element in a hundred, on links of 100, 300 and 1,000 Mbit/s. The samples a second say from which link on it no longer matters.</source>
        <translation>不用编解码器、16 位、百里取一，分别在 100、300 和 1,000 Mbit/s 的链路上。每秒样本数会告诉您从哪种链路起就不再有差别。</translation>
    </message>
    <message>
        <source>What Does a Straggler Cost?</source>
        <translation>掉队者的代价是什么？</translation>
    </message>
    <message>
        <source>One of four workers is as fast as the others, half as fast, or a twentieth, under an all-reduce, a server that waits and one that does not. In step, all are as slow as the slowest; where nobody waits, only its own share of the epoch comes late.</source>
        <translation>四个工作进程中的一个与其他一样快、只有一半快，或只有二十分之一快，分别采用 all-reduce、会等待的服务器和不等待的服务器。若保持同步，所有进程都和最慢的一样慢；若谁也不等，只有它自己那份数据会迟到。</translation>
    </message>
    <message numerus="yes">
        <source>A sweep of %n run(s)</source>
        <translation>
            <numerusform>包含 %n 个运行的扫描</numerusform>
        </translation>
    </message>
    <message>
        <source>Four workers train LeNet-5 on pictures of clothing and send one element of the gradient in a hundred round a ring. It ends at 89 % after three epochs.</source>
        <translation>四个工作进程在服装图像上训练 LeNet-5，沿环只发送百分之一的梯度元素，三轮之后准确率为 89 %。</translation>
    </message>
    <message>
        <source>The training of the next two in a single process, with the same global batch of 256. The line to hold them against.</source>
        <translation>后面两项的训练，只用一个进程，全局批大小同为 256：与它们对照的基线。</translation>
    </message>
    <message>
        <source>Four workers send gradients to a server and get their mean back, in step. Its link carries what a ring would share out.</source>
        <translation>四个工作进程同步地把梯度发给服务器并取回其平均值。本由环分担的流量全压在它的链路上。</translation>
    </message>
</context>
<context>
    <name>RunComparison</name>
    <message>
        <source>Final accuracy</source>
        <translation>最终准确率</translation>
    </message>
    <message>
        <source>Best accuracy</source>
        <translation>最佳准确率</translation>
    </message>
    <message>
        <source>Test loss</source>
        <translation>测试损失</translation>
    </message>
    <message>
        <source>Train loss</source>
        <translation>训练损失</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Bytes sent</source>
        <translation>发送字节数</translation>
    </message>
    <message>
        <source>Epochs to target</source>
        <translation>达到目标的轮数</translation>
    </message>
    <message>
        <source>Time to target</source>
        <translation>达到目标的时间</translation>
    </message>
    <message>
        <source>Bytes to target</source>
        <translation>达到目标的字节数</translation>
    </message>
    <message>
        <source>Samples/s</source>
        <translation>样本/秒</translation>
    </message>
    <message>
        <source>Compression ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <extracomment>mean and standard deviation</extracomment>
        <translation>%1 ± %2</translation>
    </message>
    <message>
        <source>%1 (%2 of %3 seeds)</source>
        <translation>%1（%3 个种子中的 %2 个）</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>not all seeds have it</source>
        <translation>并非所有种子都有此值</translation>
    </message>
    <message>
        <source>95 %: %1 to %2</source>
        <translation>95 %：%1 至 %2</translation>
    </message>
    <message>
        <source>one seed</source>
        <translation>仅一个种子</translation>
    </message>
</context>
<context>
    <name>RunFacts</name>
    <message>
        <source>%1, others by layer</source>
        <translation>%1，部分层另有</translation>
    </message>
    <message>
        <source>1 worker</source>
        <extracomment>the sources are English: the singular is written out, for no translation gives its plural forms</extracomment>
        <translation>1 个工作进程</translation>
    </message>
    <message numerus="yes">
        <source>%n workers</source>
        <translation>
            <numerusform>%n 个工作进程</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <translation>%2 上的 %1</translation>
    </message>
</context>
<context>
    <name>RunFilter</name>
    <message>
        <source>There is no field “%1”.</source>
        <translation>没有字段“%1”。</translation>
    </message>
    <message>
        <source>There is no field “%1”. Did you mean “%2”?</source>
        <translation>没有字段“%1”。是否想写“%2”？</translation>
    </message>
    <message>
        <source>“%1” is compared with a number; “%2” is none.</source>
        <translation>“%1”要与数字比较，而“%2”不是数字。</translation>
    </message>
    <message>
        <source>There are no groups; choose what to group by first.</source>
        <translation>还没有分组；请先选择分组依据。</translation>
    </message>
</context>
<context>
    <name>RunState</name>
    <message>
        <source>Queued</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>启动中</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>未知</translation>
    </message>
</context>
<context>
    <name>ServingText</name>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Takes</source>
        <extracomment>Of a model: the shape of a sample.</extracomment>
        <translation>输入</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>%1, %2 of it inside the model</source>
        <extracomment>%1 and %2 are times of one answer: as the caller sees it, and of it inside the model.</extracomment>
        <translation>%1，其中模型内 %2</translation>
    </message>
    <message>
        <source>Median</source>
        <extracomment>Of the latency of one answer.</extracomment>
        <translation>中位数</translation>
    </message>
    <message>
        <source>90 %</source>
        <extracomment>Of the latency of one answer: so many of 100 are not slower.</extracomment>
        <translation>90 %</translation>
    </message>
    <message>
        <source>99 %</source>
        <translation>99 %</translation>
    </message>
    <message>
        <source>One caller gets</source>
        <translation>单个调用方可得</translation>
    </message>
</context>
<context>
    <name>SweepFields</name>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Gradient compression</source>
        <translation>梯度压缩</translation>
    </message>
    <message>
        <source>Codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Dataset</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation>交换</translation>
    </message>
</context>
<context>
    <name>SweepShelf</name>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>无法写入 %1：%2</translation>
    </message>
</context>
<context>
    <name>concertina::ui::Actions</name>
    <message>
        <source>New Experiment…</source>
        <translation>新建实验…</translation>
    </message>
    <message>
        <source>Start from a preset</source>
        <translation>从预设开始</translation>
    </message>
    <message>
        <source>Open Experiment…</source>
        <translation>打开实验…</translation>
    </message>
    <message>
        <source>Open an experiment file</source>
        <translation>打开实验文件</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save the experiment as a file</source>
        <translation>将实验保存为文件</translation>
    </message>
    <message>
        <source>Save As…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Save the experiment under another name</source>
        <translation>以另一名称保存实验</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>首选项…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Close the window; runs go on</source>
        <translation>关闭窗口，运行照常进行</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take back the last change of the experiment</source>
        <translation>撤销对实验的上一次更改</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Make the change again</source>
        <translation>重新应用更改</translation>
    </message>
    <message>
        <source>Copy as JSON</source>
        <translation>复制为 JSON</translation>
    </message>
    <message>
        <source>Copy the experiment as JSON</source>
        <translation>将实验复制为 JSON</translation>
    </message>
    <message>
        <source>Copy as Command Line</source>
        <translation>复制为命令行</translation>
    </message>
    <message>
        <source>Copy a concertinactl command that runs this experiment</source>
        <translation>复制运行此实验的 concertinactl 命令</translation>
    </message>
    <message>
        <source>Launch</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>Start the experiment</source>
        <translation>启动实验</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Pause the monitored run, or let it go on</source>
        <translation>暂停或继续正在监控的运行</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop the monitored run; its parameters are kept</source>
        <translation>停止正在监控的运行，参数会保留</translation>
    </message>
    <message>
        <source>Run the Demonstration</source>
        <translation>运行演示</translation>
    </message>
    <message>
        <source>Four workers, a ring and top-k on Fashion-MNIST</source>
        <translation>Fashion-MNIST，四个工作进程，环与 top-k</translation>
    </message>
    <message>
        <source>Design</source>
        <translation>设计</translation>
    </message>
    <message>
        <source>Make an experiment</source>
        <translation>设计实验</translation>
    </message>
    <message>
        <source>Monitor</source>
        <translation>监控</translation>
    </message>
    <message>
        <source>Watch a run</source>
        <translation>观察一次运行</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Every run in a table</source>
        <translation>以表格列出全部运行</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Experiments that come with the program</source>
        <translation>程序自带的实验</translation>
    </message>
    <message>
        <source>Find Anything…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Find a command or a run by a few letters</source>
        <translation>输入几个字母即可找到命令或运行</translation>
    </message>
    <message>
        <source>Theme as the System</source>
        <translation>跟随系统主题</translation>
    </message>
    <message>
        <source>Light or dark as the system says</source>
        <translation>明暗跟随系统</translation>
    </message>
    <message>
        <source>Light Theme</source>
        <translation>浅色主题</translation>
    </message>
    <message>
        <source>Always light</source>
        <translation>始终浅色</translation>
    </message>
    <message>
        <source>Dark Theme</source>
        <translation>深色主题</translation>
    </message>
    <message>
        <source>Always dark</source>
        <translation>始终深色</translation>
    </message>
    <message>
        <source>Full Screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>The window on the whole screen, and back</source>
        <translation>窗口切换全屏</translation>
    </message>
    <message>
        <source>Concertina Help</source>
        <translation>Concertina 帮助</translation>
    </message>
    <message>
        <source>Getting started, the experiment file, what was measured</source>
        <translation>入门、实验文件、实测结果</translation>
    </message>
    <message>
        <source>Keyboard Shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>All shortcuts on one sheet</source>
        <translation>全部快捷键一览</translation>
    </message>
    <message>
        <source>About Concertina</source>
        <translation>关于 Concertina</translation>
    </message>
    <message>
        <source>Version and licence</source>
        <translation>版本与许可证</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Compare Codecs…</source>
        <translation>比较编解码器…</translation>
    </message>
    <message>
        <source>Run the experiment with many codecs on many links</source>
        <translation>用多种编解码器在多种链路上运行该实验</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Runs of one comparison beside each other</source>
        <translation>并排查看一次比较的各个运行</translation>
    </message>
    <message>
        <source>Compress a Model…</source>
        <translation>压缩模型…</translation>
    </message>
    <message>
        <source>Make a trained model smaller by a recipe</source>
        <translation>按配方把训练好的模型变小</translation>
    </message>
    <message>
        <source>Compress</source>
        <translation>压缩</translation>
    </message>
    <message>
        <source>Models made smaller, step by step</source>
        <translation>逐步变小的模型</translation>
    </message>
    <message>
        <source>Theme, language and notices</source>
        <translation>主题、语言与通知</translation>
    </message>
    <message>
        <source>Sweep This Experiment…</source>
        <translation>扫描此实验…</translation>
    </message>
    <message>
        <source>Run the experiment with many settings, as a heat map</source>
        <translation>以多种设置运行此实验，显示为热图</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>扫描</translation>
    </message>
    <message>
        <source>One experiment with many settings, as a heat map</source>
        <translation>以多种设置运行的同一个实验，显示为热图</translation>
    </message>
    <message>
        <source>Reset Layout</source>
        <translation>重置布局</translation>
    </message>
    <message>
        <source>Charts, panels and sizes as they were at first</source>
        <translation>图表、面板和尺寸恢复最初的样子</translation>
    </message>
    <message>
        <source>What Is This?</source>
        <translation>这是什么？</translation>
    </message>
    <message>
        <source>The field that has the keyboard: what it does, range, source</source>
        <translation>当前输入项：作用、范围和出处</translation>
    </message>
    <message>
        <source>Take the Tour</source>
        <translation>浏览导览</translation>
    </message>
    <message>
        <source>The window in five steps</source>
        <translation>五步了解这个窗口</translation>
    </message>
    <message>
        <source>Find on This Page</source>
        <translation>在此页中查找</translation>
    </message>
    <message>
        <source>The filter of the runs, or of the log</source>
        <translation>运行列表或日志的筛选框</translation>
    </message>
</context>
<context>
    <name>concertina::ui::BlameBars</name>
    <message>
        <source>Seconds that each rank is charged</source>
        <translation>计入各 rank 的等待秒数</translation>
    </message>
    <message>
        <source>rank %1: %2</source>
        <translation>rank %1：%2</translation>
    </message>
    <message>
        <source>Rank %1</source>
        <translation>Rank %1</translation>
    </message>
    <message>
        <source>Rank %1: last at %2 of %3 steps</source>
        <translation>Rank %1：%3 步中有 %2 步最后到达</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ChangedAnswersModel</name>
    <message>
        <source>is %1</source>
        <extracomment>What the sample is: %1 is the name of a class.</extracomment>
        <translation>实为 %1</translation>
    </message>
    <message>
        <source>now wrongly %1</source>
        <translation>现误答为 %1</translation>
    </message>
    <message>
        <source>now rightly %1</source>
        <translation>现正确答为 %1</translation>
    </message>
    <message>
        <source>now %1, wrong too</source>
        <translation>现答为 %1，同样有误</translation>
    </message>
    <message>
        <source>Test sample %1 is %2. Before: %3; %4.</source>
        <extracomment>%1 is a number, %2 and %3 names of classes, %4 is &quot;now wrongly 9&quot;.</extracomment>
        <translation>测试样本 %1 是 %2。之前：%3；%4。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ChartCard</name>
    <message>
        <source>More for “%1”</source>
        <translation>“%1”的更多操作</translation>
    </message>
    <message>
        <source>Logarithmic axis, zoom, saving</source>
        <translation>对数轴、缩放、保存</translation>
    </message>
    <message>
        <source>Logarithmic Axis</source>
        <translation>对数轴</translation>
    </message>
    <message>
        <source>Show All</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>Copy Picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>保存为 PNG…</translation>
    </message>
    <message>
        <source>Save as SVG…</source>
        <translation>保存为 SVG…</translation>
    </message>
    <message>
        <source>Save Data as CSV…</source>
        <translation>数据保存为 CSV…</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>保存为 PDF…</translation>
    </message>
    <message>
        <source>Ignore Outliers</source>
        <translation>忽略离群值</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CoarseNote</name>
    <message>
        <source>Coarse for now</source>
        <extracomment>Beside charts: fewer points than there are.</extracomment>
        <translation>暂时较粗</translation>
    </message>
    <message>
        <source>Finer points of this range are not here yet, and are asked for again: %1</source>
        <extracomment>%1 is what went wrong.</extracomment>
        <translation>此范围更细的数据点尚未取得，将再次请求：%1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CommandPalette</name>
    <message>
        <source>A command or a run</source>
        <translation>命令或运行</translation>
    </message>
    <message>
        <source>Find a command or a run</source>
        <translation>查找命令或运行</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareBars</name>
    <message>
        <source>Differences to the baseline in percent</source>
        <translation>与基线之差（百分比）</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Difference (%)</source>
        <translation>差异 (%)</translation>
    </message>
    <message>
        <source>95 % from (%)</source>
        <translation>95 % 下限 (%)</translation>
    </message>
    <message>
        <source>95 % to (%)</source>
        <translation>95 % 上限 (%)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareCurves</name>
    <message>
        <source>Test accuracy</source>
        <translation>测试准确率</translation>
    </message>
    <message>
        <source>Train loss</source>
        <translation>训练损失</translation>
    </message>
    <message>
        <source>Test loss</source>
        <translation>测试损失</translation>
    </message>
    <message>
        <source>Compression ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>Bytes of a step</source>
        <translation>每步字节数</translation>
    </message>
    <message>
        <source>Time of a step</source>
        <translation>每步时间</translation>
    </message>
    <message>
        <source>Samples per second</source>
        <translation>每秒样本数</translation>
    </message>
    <message>
        <source>Relative error of the gradient</source>
        <translation>梯度的相对误差</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Draw every chart against this</source>
        <translation>所有图表都以此为横轴</translation>
    </message>
    <message>
        <source>S&amp;moothing</source>
        <translation>平滑(&amp;M)</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Which series are drawn</source>
        <translation>画哪些序列</translation>
    </message>
    <message>
        <source>None of the runs has measured this yet</source>
        <translation>还没有运行测量过此项</translation>
    </message>
    <message>
        <source>Drag the dashed line, or move it with the keys up and down: the target accuracy</source>
        <translation>拖动虚线，或用上下键移动：目标准确率</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>%1 (%2 seeds)</source>
        <extracomment>an entry of a legend: a name, and how many seeds it is the mean of, two or more</extracomment>
        <translation>%1（%2 个种子）</translation>
    </message>
    <message>
        <source>Exponential moving average; what was measured stays behind it, fainter</source>
        <translation>指数移动平均；原始测量值以淡色留在后面</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareDial</name>
    <message>
        <source>Break-Even Dial</source>
        <translation>盈亏平衡旋钮</translation>
    </message>
    <message>
        <source>What a step takes, by the bandwidth of the link</source>
        <translation>每步耗时随链路带宽的变化</translation>
    </message>
    <message>
        <source>Bandwidth of the link</source>
        <translation>链路带宽</translation>
    </message>
    <message>
        <source>Turn the link of the runs that go: none goes now</source>
        <translation>同时调节正在进行的运行的链路：目前没有</translation>
    </message>
    <message numerus="yes">
        <source>Turn the link of the %n run(s) that go</source>
        <translation>
            <numerusform>同时调节 %n 个正在进行的运行的链路</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing to say before a run has finished.</source>
        <translation>有运行完成后才有结论。</translation>
    </message>
    <message>
        <source>Here no codec pays: a step takes %1 without one.</source>
        <translation>此处任何编解码器都不划算：不用时每步 %1。</translation>
    </message>
    <message>
        <source>Here the quickest is %1: %2 a step</source>
        <translation>此处最快的是 %1：每步 %2</translation>
    </message>
    <message>
        <source>, %1 without a codec, %2 as long.</source>
        <translation>，不用编解码器为 %1，是其 %2。</translation>
    </message>
    <message>
        <source>Codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Bandwidth (Mbit/s)</source>
        <translation>带宽 (Mbit/s)</translation>
    </message>
    <message>
        <source>Step (s)</source>
        <translation>每步 (s)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComparePage</name>
    <message>
        <source>Does compression pay here?</source>
        <translation>在这里压缩划算吗？</translation>
    </message>
    <message>
        <source>One experiment, with many codecs on many links: accuracy, bytes and time of each, and the bandwidth below which it pays. To compare runs that there are, choose some on the Runs page and press Compare.</source>
        <translation>同一个实验，多种编解码器、多种链路：各自的准确率、字节数和时间，以及低于多大带宽时才划算。要比较已有的运行，请在“运行”页选择几个，然后按“比较”。</translation>
    </message>
    <message>
        <source>Compare Codecs…</source>
        <translation>比较编解码器…</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>比较项</translation>
    </message>
    <message>
        <source>New Comparison…</source>
        <translation>新建比较…</translation>
    </message>
    <message>
        <source>Variants</source>
        <translation>变体</translation>
    </message>
    <message>
        <source>Accuracy against</source>
        <translation>准确率相对于</translation>
    </message>
    <message>
        <source>bytes sent</source>
        <translation>发送字节数</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>time to the target</source>
        <translation>达到目标的时间</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n run(s) have ended</source>
        <translation>
            <numerusform>%n 个运行中已结束 %1 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Curves and Figures</source>
        <translation>曲线与指标</translation>
    </message>
    <message>
        <source>These runs beside each other: curves, results with their confidence, settings</source>
        <translation>并排显示这些运行：曲线、带置信区间的结果、设置</translation>
    </message>
    <message>
        <source>What %1 measured could not be read: %2</source>
        <extracomment>%1 is the name of a run, %2 the engine&apos;s sentence.</extracomment>
        <translation>无法读取 %1 的测量结果：%2</translation>
    </message>
    <message>
        <source>The experiment of the Design page with many codecs on many links</source>
        <translation>设计页面的实验，配多种编解码器和多种链路</translation>
    </message>
    <message>
        <source>Accuracy and cost</source>
        <translation>准确率与代价</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComparePlots</name>
    <message>
        <source>Figure across</source>
        <translation>横轴指标</translation>
    </message>
    <message>
        <source>Figure upwards</source>
        <translation>纵轴指标</translation>
    </message>
    <message>
        <source>Figure of the bars</source>
        <translation>条形图指标</translation>
    </message>
    <message>
        <source>Result of the runs</source>
        <translation>运行的结果</translation>
    </message>
    <message>
        <source>Runs with different settings are needed to draw lines from setting to result.</source>
        <translation>需要设置不同的运行，才能画出从设置到结果的线。</translation>
    </message>
    <message>
        <source>against</source>
        <translation>相对于</translation>
    </message>
    <message>
        <source>Against the baseline</source>
        <translation>与基线相比</translation>
    </message>
    <message>
        <source>Settings and</source>
        <translation>设置与</translation>
    </message>
    <message>
        <source>There is nothing to hold against the baseline.</source>
        <translation>没有可与基线相比的运行。</translation>
    </message>
    <message>
        <source>Nothing measured yet</source>
        <translation>尚无测量值</translation>
    </message>
    <message>
        <source>Two figures</source>
        <translation>两项指标</translation>
    </message>
    <message>
        <source>Settings and result</source>
        <translation>设置与结果</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareRuns</name>
    <message>
        <source>No runs to compare</source>
        <translation>没有可比较的运行</translation>
    </message>
    <message>
        <source>In Runs, choose two or more (Ctrl and click, or Shift and the arrow keys) and press Compare.</source>
        <translation>在“运行”页选择两个或更多（按住 Ctrl 单击，或 Shift 加方向键），然后按“比较”。</translation>
    </message>
    <message>
        <source>Choose Runs</source>
        <translation>选择运行</translation>
    </message>
    <message>
        <source>Codecs</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Comparisons of codecs and links</source>
        <translation>编解码器与链路的比较</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>&amp;Seeds as one</source>
        <translation>种子合一(&amp;S)</translation>
    </message>
    <message>
        <source>Runs that differ in nothing but the seed are drawn as one mean with a band</source>
        <translation>只有种子不同的运行画成一条带区间的均值曲线</translation>
    </message>
    <message>
        <source>Baseline</source>
        <translation>基线</translation>
    </message>
    <message>
        <source>What the others are held against</source>
        <translation>其他运行与之相比</translation>
    </message>
    <message>
        <source>Target accuracy</source>
        <translation>目标准确率</translation>
    </message>
    <message>
        <source>Epochs, time and bytes are counted to this test accuracy</source>
        <translation>轮数、时间和字节数均计到此测试准确率为止</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>报告…</translation>
    </message>
    <message>
        <source>All of it as one HTML page, which needs nothing else</source>
        <translation>全部内容存为一个 HTML 页面，无需其他文件</translation>
    </message>
    <message>
        <source>&amp;Baseline</source>
        <translation>基线(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Target</source>
        <translation>目标(&amp;T)</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Settings that differ</source>
        <translation>不同的设置</translation>
    </message>
    <message>
        <source>The settings do not differ.</source>
        <translation>设置没有不同。</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>图</translation>
    </message>
    <message>
        <source>1 run</source>
        <extracomment>1 run; 6 runs; 6 runs in 2 groups</extracomment>
        <translation>1 个运行</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 个运行</translation>
    </message>
    <message>
        <source>%1 runs in 1 group</source>
        <translation>%1 个运行，1 组</translation>
    </message>
    <message>
        <source>%1 runs in %2 groups</source>
        <translation>%1 个运行，%2 组</translation>
    </message>
    <message>
        <source>Save the Comparison</source>
        <translation>保存比较</translation>
    </message>
    <message>
        <source>HTML files (*.html)</source>
        <translation>HTML 文件 (*.html)</translation>
    </message>
    <message>
        <source>Writing %1…</source>
        <translation>正在写入 %1…</translation>
    </message>
    <message>
        <source>The comparison is in %1</source>
        <translation>比较已存入 %1</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Copy, save or turn this table</source>
        <translation>复制、保存或转置此表格</translation>
    </message>
    <message>
        <source>Copy for a Spreadsheet</source>
        <translation>复制到电子表格</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Copy as LaTeX</source>
        <translation>复制为 LaTeX</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Swap Rows and Columns</source>
        <translation>交换行与列</translation>
    </message>
    <message>
        <source>Save the Table</source>
        <translation>保存表格</translation>
    </message>
    <message>
        <source>Tables (*.csv *.tsv *.md *.tex)</source>
        <translation>表格 (*.csv *.tsv *.md *.tex)</translation>
    </message>
    <message>
        <source>%1 ends in none of .csv, .tsv, .md and .tex, by which a table is written.</source>
        <translation>%1 的结尾不是 .csv、.tsv、.md 或 .tex，无法据此写出表格。</translation>
    </message>
    <message>
        <source>The table is in %1</source>
        <translation>表格已保存到 %1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareScatter</name>
    <message>
        <source>Accuracy of each variant against what it cost</source>
        <translation>各变体的准确率及其代价</translation>
    </message>
    <message>
        <source>Points come as runs finish.</source>
        <translation>运行完成后会出现数据点。</translation>
    </message>
    <message>
        <source>%1: accuracy %2, %3</source>
        <translation>%1：准确率 %2，%3</translation>
    </message>
    <message>
        <source>%1 against %2</source>
        <translation>%1 相对于 %2</translation>
    </message>
    <message>
        <source>%1: %2 %3, %4 %5</source>
        <translation>%1：%2 %3，%4 %5</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>代价</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>On the front</source>
        <translation>在前沿上</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompareSetup</name>
    <message>
        <source>as this machine sends</source>
        <translation>本机的发送速度</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Compare Codecs</source>
        <translation>比较编解码器</translation>
    </message>
    <message>
        <source>Codecs</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Links</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>Every pair of workers has such a link, %1 ms one way</source>
        <translation>每对工作进程之间都有这样一条链路，单程 %1 毫秒</translation>
    </message>
    <message>
        <source>Nothing is emulated</source>
        <translation>不做任何模拟</translation>
    </message>
    <message>
        <source>&amp;Codecs</source>
        <translation>编解码器(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Links</source>
        <translation>链路(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Target accuracy</source>
        <translation>目标准确率(&amp;T)</translation>
    </message>
    <message>
        <source>What the others are held against</source>
        <translation>其他编解码器的比较基准</translation>
    </message>
    <message>
        <source>The experiment of the Design page, %1, with each of these codecs on each of these links. Runs go one after the other, so that none disturbs another.</source>
        <translation>设计页中的实验（%1），依次使用下列每种编解码器和每种链路。运行逐个进行，互不干扰。</translation>
    </message>
    <message>
        <source>Codecs on %1</source>
        <translation>%1 的编解码器</translation>
    </message>
    <message>
        <source>The engine is not there yet.</source>
        <translation>引擎尚未就绪。</translation>
    </message>
    <message>
        <source>Tick at least one codec and one link.</source>
        <translation>请至少勾选一种编解码器和一种链路。</translation>
    </message>
    <message numerus="yes">
        <source>%1 codecs × %2 links: %n run(s)</source>
        <translation>
            <numerusform>%1 种编解码器 × %2 种链路：%n 个运行</numerusform>
        </translation>
    </message>
    <message>
        <source>The name must not be empty, nor have &quot;%1&quot; in it.</source>
        <translation>名称不能为空，也不能包含“%1”。</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>……还有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing was started:</source>
        <translation>没有启动任何运行：</translation>
    </message>
    <message>
        <source>%1 of the runs are in the queue; the next was refused: %2</source>
        <translation>已有 %1 个运行进入队列；下一个被拒绝：%2</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>gradients as they are</source>
        <translation>梯度原样发送</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>开始(&amp;S)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComparisonModel</name>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>above %1</source>
        <translation>高于 %1</translation>
    </message>
    <message>
        <source>always</source>
        <translation>总是</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Samples a second, over those of the run that sends gradients as they are</source>
        <translation>每秒样本数，与原样发送梯度的运行之比</translation>
    </message>
    <message>
        <source>Until the test accuracy was first at the target</source>
        <translation>直到测试准确率首次达到目标</translation>
    </message>
    <message>
        <source>A step, the mean of all workers</source>
        <translation>每步，所有工作进程的平均值</translation>
    </message>
    <message>
        <source>On a slower link than this a step is shorter than the dense one</source>
        <translation>链路比这更慢时，每步比不压缩时短</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>变体</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>Samples/s</source>
        <translation>样本/秒</translation>
    </message>
    <message>
        <source>× dense</source>
        <translation>× 不压缩</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>Time to %1</source>
        <translation>达到 %1 的时间</translation>
    </message>
    <message>
        <source>Encode</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Pays below</source>
        <translation>划算带宽上限</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComparisonResultsModel</name>
    <message>
        <source>baseline</source>
        <translation>基线</translation>
    </message>
    <message>
        <source>one seed</source>
        <translation>一个种子</translation>
    </message>
    <message>
        <source>%1 seeds</source>
        <translation>%1 个种子</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>mean, 95 %: %1 to %2</source>
        <translation>均值，95 %：%1 至 %2</translation>
    </message>
    <message>
        <source>against the baseline: %1</source>
        <translation>与基线相比：%1</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Seeds</source>
        <translation>种子</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComponentForm</name>
    <message>
        <source>Choose one.</source>
        <translation>请选择一项。</translation>
    </message>
    <message>
        <source>There is no “%1” here.</source>
        <translation>这里没有“%1”。</translation>
    </message>
    <message>
        <source>Left to the engine</source>
        <translation>由引擎决定</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ComponentListForm</name>
    <message>
        <source>Codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Then</source>
        <translation>再经</translation>
    </message>
    <message>
        <source>codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>What follows takes what is before it: a codec the values that a sparsifier chose, a lossless stage the bytes of all.</source>
        <translation>后者处理前者的结果：编解码器处理稀疏化选出的值，无损阶段处理全部字节。</translation>
    </message>
    <message>
        <source>First</source>
        <translation>首先</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>After each step the file is written, read and run: its size, its accuracy and its latency are what you see.</source>
        <translation>每一步之后都会写出、读入并运行模型文件：看到的大小、准确率和延迟都是这个文件的。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Fault</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>And</source>
        <translation>以及</translation>
    </message>
    <message>
        <source>fault</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Each fault happens once, to real processes and links, and leaves a mark on the charts.</source>
        <translation>每个故障发生一次，作用于真实的进程和链路，并在图表上留下标记。</translation>
    </message>
    <message>
        <source>Drag to another place; or Alt+Up and Alt+Down in any field</source>
        <translation>拖动到其他位置；或在任一字段中按 Alt+Up 与 Alt+Down</translation>
    </message>
    <message>
        <source>Drag: %1 %2</source>
        <translation>拖动：%1 %2</translation>
    </message>
    <message>
        <source>Add a Codec</source>
        <translation>添加编解码器</translation>
    </message>
    <message>
        <source>Add a Step</source>
        <translation>添加步骤</translation>
    </message>
    <message>
        <source>Add a Fault</source>
        <translation>添加故障</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressConfusion</name>
    <message>
        <source>Confusion matrix</source>
        <translation>混淆矩阵</translation>
    </message>
    <message>
        <source>%1, rightly: %2</source>
        <extracomment>A class&apos;s name, and how many of its test samples are answered rightly.</extracomment>
        <translation>%1，答对：%2</translation>
    </message>
    <message>
        <source>%1, rightly: %2 before, %3 now</source>
        <translation>%1，答对：之前 %2，现在 %3</translation>
    </message>
    <message>
        <source>%1, taken for %2: %3</source>
        <translation>%1 被当作 %2：%3</translation>
    </message>
    <message>
        <source>%1, taken for %2: %3 before, %4 now</source>
        <translation>%1 被当作 %2：之前 %3，现在 %4</translation>
    </message>
    <message>
        <source>%1 fewer</source>
        <translation>少 %1</translation>
    </message>
    <message>
        <source>%1 more</source>
        <translation>多 %1</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Label</source>
        <extracomment>What the samples are, beside the rows of the confusion matrix.</extracomment>
        <translation>标签</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressDeploy</name>
    <message>
        <source>Deploy to a Device</source>
        <translation>部署到设备</translation>
    </message>
    <message>
        <source>The model of “%1” is copied to a device by ssh, with the program that runs it, and measured there. Both stay on the device.</source>
        <extracomment>%1 is the name of a run.</extracomment>
        <translation>“%1”的模型连同运行它的程序通过 ssh 复制到设备，并在那里测量。两者都留在设备上。</translation>
    </message>
    <message>
        <source>How often the model answers while it is measured</source>
        <translation>测量时模型推理的次数</translation>
    </message>
    <message>
        <source>Answers to &amp;measure</source>
        <translation>测量次数(&amp;M)</translation>
    </message>
    <message>
        <source>Deploying</source>
        <translation>正在部署</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>This engine cannot reach other machines by ssh.</source>
        <translation>此引擎不能通过 ssh 连接其他机器。</translation>
    </message>
    <message>
        <source>Name the device first: its name, its address, or its entry of ~/.ssh/config.</source>
        <translation>请先指明设备：它的名称、地址，或 ~/.ssh/config 中的条目。</translation>
    </message>
    <message>
        <source>Use it there</source>
        <translation>在设备上使用</translation>
    </message>
    <message>
        <source>Deployed and measured in %1: one sample at a time, one thread.</source>
        <extracomment>%1 is a time. Of a model on a small device.</extracomment>
        <translation>部署并测量用时 %1：一次一个样本，单线程。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Logging in, copying the program and the model, measuring… (%1)</source>
        <extracomment>%1 is a time.</extracomment>
        <translation>正在登录、复制程序和模型、测量……（%1）</translation>
    </message>
    <message>
        <source>Cancelled. What was copied whole before stays on the device.</source>
        <translation>已取消。此前完整复制的文件留在设备上。</translation>
    </message>
    <message>
        <source>Let the model answer over gRPC on this machine, and measure it as its callers see it</source>
        <translation>让模型在本机通过 gRPC 应答，并按调用方所见测量它</translation>
    </message>
    <message>
        <source>&amp;Deploy</source>
        <translation>部署(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Serve Here…</source>
        <translation>在本机提供服务(&amp;S)…</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressDetail</name>
    <message>
        <source>What the matrix shows</source>
        <translation>矩阵显示的内容</translation>
    </message>
    <message>
        <source>What changed</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>之前</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Test samples whose answer changed</source>
        <translation>回答有变的测试样本</translation>
    </message>
    <message>
        <source>Layers, the most sensitive first</source>
        <translation>各层，最敏感的在前</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Confusion</source>
        <translation>混淆</translation>
    </message>
    <message>
        <source>Changed Answers</source>
        <translation>变化的回答</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>敏感度</translation>
    </message>
    <message>
        <source>Scan Sensitivity…</source>
        <translation>扫描敏感度…</translation>
    </message>
    <message>
        <source>Choose a step in the table, or a point of the plane.</source>
        <translation>请在表中选择一个步骤，或在平面上选择一个点。</translation>
    </message>
    <message>
        <source>Asking for it…</source>
        <translation>正在询问…</translation>
    </message>
    <message>
        <source>There is nothing to look at: %1.</source>
        <extracomment>%1 is the engine&apos;s sentence.</extracomment>
        <translation>没有可看的内容：%1。</translation>
    </message>
    <message>
        <source>No layer of this model has weights.</source>
        <translation>此模型没有带权重的层。</translation>
    </message>
    <message>
        <source>There are more than %1 classes: their confusion is not kept.</source>
        <translation>类别多于 %1 个：不保留其混淆矩阵。</translation>
    </message>
    <message>
        <source>This is the model as it was. Choose a later step to see which answers it changed.</source>
        <translation>这是原来的模型。请选择后面的步骤，查看它改变了哪些回答。</translation>
    </message>
    <message>
        <source>Not one answer to a test sample changed.</source>
        <translation>没有任何测试样本的回答发生变化。</translation>
    </message>
    <message>
        <source>Became wrong: %1. Became right: %2. Wrong in another way: %3.</source>
        <translation>变错：%1。变对：%2。错法不同：%3。</translation>
    </message>
    <message>
        <source>Shown are %1, of the %2 samples that worker 0 judged.</source>
        <extracomment>After &quot;Became wrong: 12. …&quot;; %1 and %2 are numbers of samples.</extracomment>
        <translation>这里显示 %1 个，取自 0 号工作进程评判的 %2 个样本。</translation>
    </message>
    <message>
        <source>One layer alone is made smaller, without training afterwards; %1 test samples, of which the whole model answers %2 rightly.</source>
        <translation>每次只压缩一层，之后不再训练；共 %1 个测试样本，整个模型答对其中 %2。</translation>
    </message>
    <message>
        <source>The layers were not scanned at this step. A recipe&apos;s step &quot;Evaluate&quot; does it where its sensitivity is on: each layer alone is pruned by half, and rounded to 8, 4 and 2 bits.</source>
        <translation>此步骤没有扫描各层。配方中的“评估”步骤打开敏感度后会扫描：每层单独剪去一半，并分别舍入到 8、4、2 位。</translation>
    </message>
    <message>
        <source>Inside the Model</source>
        <translation>模型内部</translation>
    </message>
    <message>
        <source>The Model as It Was</source>
        <translation>模型原样</translation>
    </message>
    <message>
        <source>Step %1: %2</source>
        <translation>第 %1 步：%2</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressLayers</name>
    <message>
        <source>Weights of the chosen layer</source>
        <translation>所选层的权重</translation>
    </message>
    <message>
        <source>%1: grey before, blue now</source>
        <extracomment>%1 is the name of a layer. The colours of two histograms on top of each other.</extracomment>
        <translation>%1：灰色为之前，蓝色为现在</translation>
    </message>
    <message>
        <source>Layers after this step</source>
        <translation>此步骤之后的各层</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressPage</name>
    <message>
        <source>How small can the model be?</source>
        <translation>模型能有多小？</translation>
    </message>
    <message>
        <source>Prune, quantise, share weights, retrain: after each step the file is written, read and run, and you see what it weighs, how often it is right and how long an answer takes.</source>
        <translation>剪枝、量化、共享权重、再训练：每一步之后都会写出、读入并运行模型文件，由此看到它有多大、有多准、回答一次要多久。</translation>
    </message>
    <message>
        <source>Compress a Model…</source>
        <translation>压缩模型…</translation>
    </message>
    <message>
        <source>Compress</source>
        <translation>压缩</translation>
    </message>
    <message>
        <source>Compressed model</source>
        <translation>压缩后的模型</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>观察</translation>
    </message>
    <message>
        <source>Show the curves of this run</source>
        <translation>显示此运行的曲线</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>For concertina-edge (.edge)…</source>
        <translation>供 concertina-edge 使用 (.edge)…</translation>
    </message>
    <message>
        <source>ONNX (.onnx)…</source>
        <translation>ONNX (.onnx)…</translation>
    </message>
    <message>
        <source>Values alone (.safetensors)…</source>
        <translation>仅数值 (.safetensors)…</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>Accuracy against</source>
        <translation>准确率相对于</translation>
    </message>
    <message>
        <source>bytes of the file</source>
        <translation>文件字节数</translation>
    </message>
    <message>
        <source>latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>multiply-adds</source>
        <translation>乘加次数</translation>
    </message>
    <message>
        <source>Line: the steps of this model. Dashes: nothing is both better and cheaper.</source>
        <translation>实线：此模型的各步骤。虚线：没有更好又更省的。</translation>
    </message>
    <message>
        <source>Accuracy of each step against what it costs</source>
        <translation>各步骤的准确率与其代价</translation>
    </message>
    <message>
        <source>as it was</source>
        <translation>原样</translation>
    </message>
    <message>
        <source>Export the Model</source>
        <translation>导出模型</translation>
    </message>
    <message>
        <source>Deploy…</source>
        <translation>部署…</translation>
    </message>
    <message>
        <source>Copy the model to a device by ssh, or let it answer here, and measure it</source>
        <translation>通过 ssh 把模型复制到设备，或让它在本机应答，并进行测量</translation>
    </message>
    <message>
        <source>Save the compressed model as a file</source>
        <translation>把压缩后的模型保存为文件</translation>
    </message>
    <message>
        <source>Choose a trained run and a recipe</source>
        <translation>选择一个训练好的运行和一个配方</translation>
    </message>
    <message>
        <source>Accuracy and cost of each step</source>
        <translation>每一步的准确率与代价</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressServe</name>
    <message>
        <source>Serve Here</source>
        <translation>在本机提供服务</translation>
    </message>
    <message>
        <source>The model of “%1” answers over gRPC at a socket of your own on this machine, as long as this window is open.</source>
        <extracomment>%1 is the name of a run.</extracomment>
        <translation>“%1”的模型在本机的一个私有套接字上通过 gRPC 应答，直到此窗口关闭。</translation>
    </message>
    <message>
        <source>How often the model is asked while it is measured</source>
        <translation>测量时向模型提问的次数</translation>
    </message>
    <message>
        <source>&amp;Questions to measure</source>
        <translation>测量的提问数(&amp;Q)</translation>
    </message>
    <message>
        <source>Serving</source>
        <translation>正在提供服务</translation>
    </message>
    <message>
        <source>End the program that serves the model</source>
        <translation>结束为模型提供服务的程序</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Fetching the model, and opening its socket…</source>
        <translation>正在获取模型并打开套接字…</translation>
    </message>
    <message>
        <source>It answers. Measuring…</source>
        <translation>模型已在应答。正在测量…</translation>
    </message>
    <message>
        <source>It answers. Measured one question at a time, on one thread.</source>
        <translation>模型已在应答。测量时每次一个提问，使用一个线程。</translation>
    </message>
    <message>
        <source>Stopped. Nothing answers at that address any more.</source>
        <translation>已停止。该地址不再有应答。</translation>
    </message>
    <message>
        <source>Ask it</source>
        <translation>向它提问</translation>
    </message>
    <message>
        <source>&amp;Measure Again</source>
        <translation>再次测量(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::CompressSetup</name>
    <message>
        <source>Prune half, retrain, 8 bits</source>
        <translation>剪掉一半，再训练，8 位</translation>
    </message>
    <message>
        <source>The classic first recipe: half of each layer&apos;s weights go, an epoch makes up for it, then weights and activations become bytes.</source>
        <translation>经典的入门配方：每层剪掉一半权重，用一轮训练补回，再把权重和激活值变成字节。</translation>
    </message>
    <message>
        <source>8 bits after training</source>
        <translation>训练后 8 位</translation>
    </message>
    <message>
        <source>No training: ranges are seen on samples, then weights and activations become bytes. A quarter of the file in a few seconds.</source>
        <translation>无需训练：在样本上观察取值范围，再把权重和激活值变成字节。几秒钟内文件缩小到四分之一。</translation>
    </message>
    <message>
        <source>Deep Compression</source>
        <translation>Deep Compression</translation>
    </message>
    <message>
        <source>Prune step by step, share weights, retrain, and let the file code what is left: the smallest file at no loss of accuracy (Han, Mao, Dally 2016).</source>
        <translation>逐步剪枝、共享权重、再训练，其余由文件编码：准确率不降而文件最小 (Han, Mao, Dally 2016)。</translation>
    </message>
    <message>
        <source>Prune gradually</source>
        <translation>逐步剪枝</translation>
    </message>
    <message>
        <source>95 % of the weights go in ten rounds, many at first and few at the end, while the model trains; then it settles (Zhu, Gupta 2017).</source>
        <translation>在训练中分十次剪掉 95 % 的权重，开始时多，最后时少；然后让模型稳定下来 (Zhu, Gupta 2017)。</translation>
    </message>
    <message>
        <source>Prune what moves towards zero</source>
        <translation>剪掉趋向零的权重</translation>
    </message>
    <message>
        <source>Trains on, prunes the weights that this moved towards zero, however large they are, and once more: for a model that came from other data (Sanh, Wolf, Rush 2020).</source>
        <translation>继续训练，剪掉在此期间趋向零的权重，无论其大小；然后再来一次：适合来自其他数据的模型 (Sanh, Wolf, Rush 2020)。</translation>
    </message>
    <message>
        <source>As many bits as each layer needs</source>
        <translation>各层按需分配位数</translation>
    </message>
    <message>
        <source>Each layer gets 2 to 8 bits a weight by what its rounding costs on training samples, 4 on the mean; then the model trains on its grids (the idea: Dong et al. 2019).</source>
        <translation>根据在训练样本上测得的舍入代价，每层权重取 2 到 8 位，平均 4 位；然后模型在这些网格上继续训练（思想来自 Dong et al. 2019）。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Compress a Model</source>
        <translation>压缩模型</translation>
    </message>
    <message>
        <source>Steps of your own</source>
        <translation>自定步骤</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>No run has kept a model yet: train one first.</source>
        <translation>还没有运行保留了模型：请先训练一个。</translation>
    </message>
    <message>
        <source>%1 cannot be written.</source>
        <translation>无法写入 %1。</translation>
    </message>
    <message>
        <source>Taking the model of the run…</source>
        <translation>正在取出该运行的模型…</translation>
    </message>
    <message>
        <source>&amp;Compress</source>
        <translation>压缩(&amp;C)</translation>
    </message>
    <message>
        <source>Rec&amp;ipe</source>
        <translation>配方(&amp;I)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignCard</name>
    <message>
        <source>The same experiment with the same seed gives the same bits.</source>
        <translation>同一实验、同一种子，结果逐位相同。</translation>
    </message>
    <message>
        <source>This engine does not describe these settings. They can be edited in the JSON.</source>
        <translation>此引擎未提供这些设置的说明，可在 JSON 中编辑。</translation>
    </message>
    <message>
        <source>Dataset</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation>交换</translation>
    </message>
    <message>
        <source>How the workers agree on the next parameters.</source>
        <translation>各工作进程如何就下一步的参数达成一致。</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Links between the workers. Without bandwidth and latency they run free.</source>
        <translation>工作进程之间的链路。不设带宽和延迟则不加限制。</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Codecs by layer</source>
        <translation>按层的编解码器</translation>
    </message>
    <message>
        <source>Layers whose gradient goes through a chain of codecs of their own.</source>
        <translation>这些层的梯度经过各自的编解码器链。</translation>
    </message>
    <message>
        <source>Remove these layers</source>
        <translation>移除这些层</translation>
    </message>
    <message>
        <source>Knobs that turn themselves</source>
        <translation>自动调节的参数</translation>
    </message>
    <message>
        <source>Settings that change while the run goes, by a schedule or to hold a target.</source>
        <translation>运行期间按计划变化，或为保持目标而变化的设置。</translation>
    </message>
    <message>
        <source>Remove this knob</source>
        <translation>移除此参数</translation>
    </message>
    <message>
        <source>Model compression</source>
        <translation>模型压缩</translation>
    </message>
    <message>
        <source>Once the epochs are over: prune, quantise, share weights, retrain. The Compress page shows what each step makes of size, accuracy and latency.</source>
        <translation>各轮训练结束之后：剪枝、量化、共享权重、再训练。“压缩”页显示每一步对大小、准确率和延迟的影响。</translation>
    </message>
    <message>
        <source>Faults</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>What is tried on the run: workers killed, frozen or slowed down, links that lose messages or are cut. With checkpoints, Training can let the run go on by itself.</source>
        <translation>对本次运行施加的故障：杀死、冻结或拖慢工作进程，链路丢失消息或被切断。有检查点时，可在“训练”中让运行自动继续。</translation>
    </message>
    <message>
        <source>Elastic</source>
        <translation>弹性</translation>
    </message>
    <message>
        <source>What becomes of the run when a worker is lost or another one comes. The plan says which exchanges go on from memory; the others go on from the last checkpoint.</source>
        <translation>当一个工作进程丢失或有新的加入时，运行会怎样。计划会说明哪些交换方式可从内存继续；其他的则从最近的检查点继续。</translation>
    </message>
    <message>
        <source>Workers may join and leave</source>
        <translation>工作进程可以加入和离开</translation>
    </message>
    <message>
        <source>Add Layers</source>
        <translation>添加层</translation>
    </message>
    <message>
        <source>Add a Knob</source>
        <translation>添加可调参数</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignChecker</name>
    <message>
        <source>Expected: %1.</source>
        <translation>应为：%1。</translation>
    </message>
    <message>
        <source>Expected: %1. Found: %2.</source>
        <translation>应为：%1；实为：%2。</translation>
    </message>
    <message>
        <source>Did you mean “%1”?</source>
        <translation>是否想写“%1”？</translation>
    </message>
    <message>
        <source>Launching…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>The JSON has an error in line %1</source>
        <translation>JSON 第 %1 行有错误</translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) need attention</source>
        <translation>
            <numerusform>%n 个字段需要修正</numerusform>
        </translation>
    </message>
    <message>
        <source>Not connected to the engine</source>
        <translation>未连接引擎</translation>
    </message>
    <message>
        <source>The engine could not check this</source>
        <translation>引擎无法检查此实验</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignClassBars</name>
    <message>
        <source>Samples of each class, by worker</source>
        <translation>各工作进程的每类样本数</translation>
    </message>
    <message numerus="yes">
        <source>and %n worker(s) more</source>
        <translation>
            <numerusform>另有 %n 个工作进程</numerusform>
        </translation>
    </message>
    <message>
        <source>Worker %1, %2: %3 samples</source>
        <extracomment>%1 is the rank, %2 the name of a class, %3 a number.</extracomment>
        <translation>工作进程 %1，%2：%3 个样本</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignCodecCard</name>
    <message>
        <source>Gradient compression</source>
        <translation>梯度压缩</translation>
    </message>
    <message>
        <source>Applied to every bucket before it is sent. The monitor shows what it saves and what it costs.</source>
        <translation>每个分桶发送前都会经过它。省了多少、代价多大，见监控页。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignDocument</name>
    <message>
        <source>change of %1</source>
        <translation>更改 %1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignFormPane</name>
    <message>
        <source>Sections</source>
        <translation>章节</translation>
    </message>
    <message>
        <source>Waiting for the engine. The forms are made from what it can do; the JSON can be edited meanwhile.</source>
        <translation>正在等待引擎。表单根据引擎的能力生成，其间可先编辑 JSON。</translation>
    </message>
    <message>
        <source>Choose a field to read what it does. F1 shows it beside the field.</source>
        <translation>选中一个字段即可查看说明，按 F1 在字段旁显示。</translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) need attention</source>
        <translation>
            <numerusform>%n 个字段需要修正</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignGallery</name>
    <message>
        <source>Back to the experiment (Esc)</source>
        <translation>返回实验 (Esc)</translation>
    </message>
    <message>
        <source>Back to the experiment</source>
        <translation>返回实验</translation>
    </message>
    <message>
        <source>Run the 60-second demonstration</source>
        <translation>运行 60 秒演示</translation>
    </message>
    <message>
        <source>Welcome to Concertina</source>
        <translation>欢迎使用 Concertina</translation>
    </message>
    <message>
        <source>Start from a preset</source>
        <translation>从预设开始</translation>
    </message>
    <message>
        <source>Distributed training and compression, on real worker processes and real bytes: choose a dataset, a model, a way to share the work and a way to compress it, launch, and watch.</source>
        <translation>分布式训练与压缩：真实的工作进程，真实的字节。选好数据集、模型、分工方式与压缩方式，启动，然后观察。</translation>
    </message>
    <message>
        <source>Each is an ordinary experiment. Everything in it can be changed before the launch.</source>
        <translation>每个预设都是普通的实验，启动前其中的一切都可更改。</translation>
    </message>
    <message>
        <source>Lessons</source>
        <translation>小课</translation>
    </message>
    <message>
        <source>Design an Experiment</source>
        <translation>设计实验</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignJsonEditor</name>
    <message>
        <source>The experiment as JSON</source>
        <translation>JSON 形式的实验</translation>
    </message>
    <message>
        <source>Line %1, column %2: %3</source>
        <translation>第 %1 行第 %2 列：%3</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignMeshPicture</name>
    <message>
        <source>Who sends what to whom in a step</source>
        <translation>一步之中谁向谁发送什么</translation>
    </message>
    <message>
        <source>The busiest %1 of %2 flows are drawn.</source>
        <translation>只画出 %2 条数据流中最繁忙的 %1 条。</translation>
    </message>
    <message>
        <source>Stage %1</source>
        <translation>阶段 %1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignPage</name>
    <message>
        <source>Plan</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>Name of the experiment</source>
        <translation>实验名称</translation>
    </message>
    <message>
        <source>Undo (Ctrl+Z)</source>
        <translation>撤销 (Ctrl+Z)</translation>
    </message>
    <message>
        <source>Redo (Ctrl+Shift+Z)</source>
        <translation>重做 (Ctrl+Shift+Z)</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Launch</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>change of the JSON</source>
        <translation>更改 JSON</translation>
    </message>
    <message>
        <source>Start this experiment (Ctrl+Return)</source>
        <translation>启动此实验 (Ctrl+Return)</translation>
    </message>
    <message>
        <source>The plan appears here once the engine is there.</source>
        <translation>引擎就绪后，方案会显示在这里。</translation>
    </message>
    <message>
        <source>Working out the plan…</source>
        <translation>正在推算方案…</translation>
    </message>
    <message>
        <source>Verify…</source>
        <translation>验证…</translation>
    </message>
    <message>
        <source>Do the workers train what one worker would? Runs both for a few steps</source>
        <translation>多个工作进程的训练是否与单个等价？两者各运行若干步加以比较</translation>
    </message>
    <message>
        <source>Compare Codecs…</source>
        <translation>比较编解码器…</translation>
    </message>
    <message>
        <source>This experiment with many codecs on many links</source>
        <translation>用多种编解码器在多种链路上运行该实验</translation>
    </message>
    <message>
        <source>Sweep This Experiment…</source>
        <translation>扫描此实验…</translation>
    </message>
    <message>
        <source>This experiment with many settings, as a heat map</source>
        <translation>以多种设置运行此实验，显示为热图</translation>
    </message>
    <message>
        <source>Experiments, papers and lessons to begin with</source>
        <translation>可作为起点的实验、论文和课程</translation>
    </message>
    <message>
        <source>Sweep…</source>
        <translation>扫描…</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Verify, compare codecs, sweep</source>
        <translation>验证、比较编解码器、扫描</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignPapers</name>
    <message>
        <source>Papers in a box</source>
        <translation>盒中论文</translation>
    </message>
    <message>
        <source>Published tables, with the settings that make them. Run one, and see whether the numbers come out here: inside or outside of a band whose width has its reason beside it.</source>
        <translation>已发表的表格及其得来的设置。运行一篇，看看这些数字在这里是否也能得到：是在区间之内还是之外，区间宽度的理由就在旁边。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignPlanPanel</name>
    <message>
        <source>The whole file</source>
        <translation>整个文件</translation>
    </message>
    <message>
        <source>Classes, by worker</source>
        <translation>各工作进程的类别</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>The engine could not check this experiment</source>
        <translation>引擎无法检查此实验</translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) need attention</source>
        <translation>
            <numerusform>%n 个字段需要修正</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>另有 %n 项</numerusform>
        </translation>
    </message>
    <message>
        <source>Who sends what to whom</source>
        <translation>谁向谁发送什么</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>计划</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignVerify</name>
    <message>
        <source>the experiment</source>
        <extracomment>where &quot;4 workers&quot; stands if there are several</extracomment>
        <translation>此实验</translation>
    </message>
    <message>
        <source>After %1 steps the parameters of %2 equal those of one worker bit for bit.</source>
        <translation>%1 步之后，%2的参数与单个工作进程的逐位相同。</translation>
    </message>
    <message>
        <source>After %1 steps the parameters of %2 equal those of one worker to rounding.</source>
        <translation>%1 步之后，%2的参数与单个工作进程的相同，仅有舍入误差。</translation>
    </message>
    <message>
        <source>That is with seed %1. With those tried before it the two parted, as they do where rounding tips a unit at its threshold.</source>
        <translation>此结果用的是种子 %1。此前试过的种子下两者曾分道扬镳：舍入误差使某个单元越过阈值时就会如此。</translation>
    </message>
    <message>
        <source>After %1 steps the parameters of %2 differ from those of one worker by more than rounding, with each of %3 seeds.</source>
        <translation>%1 步之后，%2的参数与单个工作进程的差异超出舍入误差，试过的 %3 个种子都是如此。</translation>
    </message>
    <message>
        <source>After %1 steps the parameters of %2 differ from those of one worker by more than rounding.</source>
        <translation>%1 步之后，%2的参数与单个工作进程的差异超出舍入误差。</translation>
    </message>
    <message>
        <source>The experiment is not meant to equal one worker, so there is no verdict.</source>
        <translation>此实验本就不与单个工作进程等价，因此不作判定。</translation>
    </message>
    <message>
        <source>%1 are not meant to equal one worker, so there is no verdict.</source>
        <translation>%1本就不与单个工作进程等价，因此不作判定。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Verify Against One Worker</source>
        <translation>与单个工作进程对照验证</translation>
    </message>
    <message>
        <source>Comparing with one worker</source>
        <translation>正在与单个工作进程比较</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Nothing was compared</source>
        <translation>未作比较</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Largest difference</source>
        <translation>最大差异</translation>
    </message>
    <message>
        <source>Of its tensor&apos;s scale</source>
        <translation>相对其张量的幅值</translation>
    </message>
    <message>
        <source>%1, in %2</source>
        <translation>%1，位于 %2</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translation>允许值</translation>
    </message>
    <message>
        <source>Not the same bits</source>
        <translation>逐位不同</translation>
    </message>
    <message>
        <source>%1 of %2 parameters</source>
        <translation>%2 个参数中的 %1 个</translation>
    </message>
    <message>
        <source>Equal</source>
        <translation>等价</translation>
    </message>
    <message>
        <source>Different</source>
        <translation>有差异</translation>
    </message>
    <message>
        <source>Not meant to be equal</source>
        <translation>本就不等价</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignWorkersCard</name>
    <message>
        <source>Parallelism</source>
        <translation>并行</translation>
    </message>
    <message>
        <source>Workers that another launcher starts, beside these.</source>
        <translation>在这些之外，由另一启动器启动的工作进程。</translation>
    </message>
    <message>
        <source>Launcher</source>
        <translation>启动器</translation>
    </message>
    <message>
        <source>Remove this group</source>
        <translation>移除此组</translation>
    </message>
    <message>
        <source>Remove group %1</source>
        <translation>移除第 %1 组</translation>
    </message>
    <message numerus="yes">
        <source>The mesh has room for %1, and there are %n worker(s).</source>
        <translation>
            <numerusform>网格可容纳 %1 个，而现有 %n 个工作进程。</numerusform>
        </translation>
    </message>
    <message>
        <source>The mesh: the workers on three axes. Data copies the model, pipeline cuts it by layers, tensor cuts the layers.</source>
        <translation>网格：工作进程沿三个轴排列。数据轴复制模型，流水线轴按层切分，张量轴切分各层。</translation>
    </message>
    <message>
        <source>Add a Group of Workers</source>
        <translation>添加一组工作进程</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DockPanels</name>
    <message>
        <source>Panels</source>
        <translation>面板</translation>
    </message>
    <message>
        <source>%1 Panel</source>
        <extracomment>%1 is the title of a panel: &quot;Log Panel&quot;.</extracomment>
        <translation>%1面板</translation>
    </message>
    <message>
        <source>Open it, bring it to the front, or close it</source>
        <translation>打开它、把它放到前面，或关闭它</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Move, float or hide the panel</source>
        <translation>移动、浮动或隐藏面板</translation>
    </message>
    <message>
        <source>Hide the panel</source>
        <translation>隐藏面板</translation>
    </message>
    <message>
        <source>Float or Dock the Panel</source>
        <translation>浮动或停靠面板</translation>
    </message>
    <message>
        <source>Move the Panel Left</source>
        <translation>面板移到左侧</translation>
    </message>
    <message>
        <source>Move the Panel Right</source>
        <translation>面板移到右侧</translation>
    </message>
    <message>
        <source>Move the Panel to the Top</source>
        <translation>面板移到上方</translation>
    </message>
    <message>
        <source>Move the Panel to the Bottom</source>
        <translation>面板移到下方</translation>
    </message>
    <message>
        <source>Put the Panel Among the Tabs</source>
        <translation>面板并入标签页</translation>
    </message>
    <message>
        <source>Hide the Panel</source>
        <translation>隐藏面板</translation>
    </message>
    <message>
        <source>Reset Arrangement</source>
        <translation>重置排列</translation>
    </message>
    <message>
        <source>Next Tab</source>
        <translation>下一个标签页</translation>
    </message>
    <message>
        <source>Previous Tab</source>
        <translation>上一个标签页</translation>
    </message>
</context>
<context>
    <name>concertina::ui::EngineClient</name>
    <message>
        <source>The engine&apos;s answer is not a JSON object (%1).</source>
        <translation>引擎的应答不是 JSON 对象（%1）。</translation>
    </message>
    <message>
        <source>The engine has ended.</source>
        <translation>引擎已退出。</translation>
    </message>
    <message>
        <source>The engine is not connected; nothing was exported.</source>
        <translation>引擎未连接，未导出任何内容。</translation>
    </message>
    <message>
        <source>The engine is not connected; nothing was imported.</source>
        <translation>引擎未连接；没有导入任何内容。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::EngineConnection</name>
    <message>
        <source>The engine did not answer in time. It may be busy; try again in a moment.</source>
        <translation>引擎未及时应答，可能正忙，请稍后再试。</translation>
    </message>
    <message>
        <source>The engine cannot be reached (%1). Trying again by itself.</source>
        <translation>无法连接引擎（%1），正在自动重试。</translation>
    </message>
    <message>
        <source>The engine is of another version and does not know this request.</source>
        <translation>引擎版本不同，不认识此请求。</translation>
    </message>
    <message>
        <source>The engine refused (code %1).</source>
        <translation>引擎拒绝了请求（代码 %1）。</translation>
    </message>
    <message>
        <source>The engine is still starting; try again in a moment.</source>
        <translation>引擎仍在启动，请稍后再试。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::EqualityCheck</name>
    <message>
        <source>Working out what one worker would do…</source>
        <translation>正在推算单个工作进程的做法…</translation>
    </message>
    <message>
        <source>The same on one worker, step %1 of %2</source>
        <translation>单个工作进程上的同一训练，第 %1 / %2 步</translation>
    </message>
    <message>
        <source>The experiment, step %1 of %2</source>
        <translation>此实验，第 %1 / %2 步</translation>
    </message>
    <message>
        <source>Run %1 did not finish, so nothing was compared.</source>
        <translation>运行 %1 未完成，因此未作比较。</translation>
    </message>
    <message>
        <source>Run %1 did not finish: %2</source>
        <translation>运行 %1 未完成：%2</translation>
    </message>
    <message>
        <source>Comparing the parameters…</source>
        <translation>正在比较参数…</translation>
    </message>
</context>
<context>
    <name>concertina::ui::EventsModel</name>
    <message>
        <source>Knob</source>
        <translation>调参</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Resumed</source>
        <translation>已继续</translation>
    </message>
    <message>
        <source>Worker lost</source>
        <translation>进程失联</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>事件内容</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>梯度分布</translation>
    </message>
    <message>
        <source>Fault</source>
        <translation>故障</translation>
    </message>
    <message>
        <source>Goes on</source>
        <translation>自动继续</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>组</translation>
    </message>
</context>
<context>
    <name>concertina::ui::FieldEditor</name>
    <message>
        <source>not set</source>
        <translation>未设置</translation>
    </message>
    <message>
        <source>One less</source>
        <translation>减一</translation>
    </message>
    <message>
        <source>One more</source>
        <translation>加一</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose %1</source>
        <translation>选择%1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::HeatMap</name>
    <message>
        <source>Queued</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Stopped early</source>
        <translation>提前停止</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>No run</source>
        <translation>没有运行</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>better</source>
        <translation>更好</translation>
    </message>
</context>
<context>
    <name>concertina::ui::HelpWindow</name>
    <message>
        <source>Getting started</source>
        <translation>入门</translation>
    </message>
    <message>
        <source>The experiment file</source>
        <translation>实验文件</translation>
    </message>
    <message>
        <source>Reading the Monitor</source>
        <translation>读懂监控页</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>实测结果</translation>
    </message>
    <message>
        <source>Concertina Help</source>
        <translation>Concertina 帮助</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>A smaller model</source>
        <translation>更小的模型</translation>
    </message>
    <message>
        <source>Ways to train in parallel</source>
        <translation>并行训练的方式</translation>
    </message>
    <message>
        <source>Sweeps</source>
        <translation>参数扫描</translation>
    </message>
    <message>
        <source>Engines on a network</source>
        <translation>网络上的引擎</translation>
    </message>
    <message>
        <source>Your own machines</source>
        <translation>自己的机器</translation>
    </message>
    <message>
        <source>Your own cluster</source>
        <translation>自己的集群</translation>
    </message>
    <message>
        <source>Keeping and resuming</source>
        <translation>保存与恢复</translation>
    </message>
    <message>
        <source>Your runs</source>
        <translation>您的运行</translation>
    </message>
    <message>
        <source>Papers and lessons</source>
        <translation>论文与小课</translation>
    </message>
    <message>
        <source>Your own data</source>
        <translation>自己的数据</translation>
    </message>
    <message>
        <source>Scripts, faults and citing</source>
        <translation>脚本、错误信息与引用</translation>
    </message>
</context>
<context>
    <name>concertina::ui::LayersModel</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>%1 is the title of a column, %2 the value in it</extracomment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Of all that the codec sends, the share of this layer</source>
        <translation>在编解码器发送的全部内容中，该层所占的份额</translation>
    </message>
    <message>
        <source>‖g − ĝ‖ / ‖g‖: what the payload misses of the gradient</source>
        <translation>‖g − ĝ‖ / ‖g‖：载荷相对梯度缺失的部分</translation>
    </message>
    <message>
        <source>Of the gradient and what its payload says: 1 is the same direction</source>
        <translation>梯度与其载荷所表示的梯度之间的余弦：1 表示方向相同</translation>
    </message>
    <message>
        <source>‖e‖ / ‖g‖: how many gradients&apos; worth waits to be sent</source>
        <translation>‖e‖ / ‖g‖：等待发送的量相当于多少个梯度</translation>
    </message>
    <message>
        <source>In about how many steps the residual has gathered</source>
        <translation>残差大约在多少步中累积而成</translation>
    </message>
    <message>
        <source>The cosine of the residual and the gradient: above 0 the layer waits for what it still needs, below 0 for what the model has left behind</source>
        <translation>残差与梯度的余弦：大于 0 表示该层等待的仍是它所需要的，小于 0 表示等待的是模型已经越过的</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Share of bytes</source>
        <translation>字节份额</translation>
    </message>
    <message>
        <source>Relative error</source>
        <translation>相对误差</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>Age (steps)</source>
        <translation>年龄（步）</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>方向</translation>
    </message>
</context>
<context>
    <name>concertina::ui::LegendButton</name>
    <message>
        <source>Hide or show “%1”; with Ctrl: this one alone</source>
        <translation>隐藏或显示“%1”；按住 Ctrl：只显示这一条</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MainWindow</name>
    <message>
        <source>Experiments (*.json);;All files (*)</source>
        <translation>实验 (*.json);;所有文件 (*)</translation>
    </message>
    <message>
        <source>New experiment</source>
        <translation>新实验</translation>
    </message>
    <message>
        <source>Open Experiment</source>
        <translation>打开实验</translation>
    </message>
    <message>
        <source>The experiment could not be opened</source>
        <translation>无法打开实验</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation>%1：%2。</translation>
    </message>
    <message>
        <source>%1 is %2 MB large; an experiment is a small JSON file.</source>
        <translation>%1 有 %2 MB；实验应是很小的 JSON 文件。</translation>
    </message>
    <message>
        <source>%1, line %2, column %3: %4. An experiment is one JSON object.</source>
        <translation>%1 第 %2 行第 %3 列：%4。实验应为一个 JSON 对象。</translation>
    </message>
    <message>
        <source>Save Experiment</source>
        <translation>保存实验</translation>
    </message>
    <message>
        <source>The experiment could not be saved</source>
        <translation>无法保存实验</translation>
    </message>
    <message>
        <source>%1: %2. Choose another place, or make room.</source>
        <translation>%1：%2。请换个位置，或腾出空间。</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>已保存 %1</translation>
    </message>
    <message>
        <source>Save the changes of this experiment?</source>
        <translation>保存对此实验的更改？</translation>
    </message>
    <message>
        <source>They are in no file and in no run yet.</source>
        <translation>这些更改尚未写入任何文件或运行。</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>The experiment is on the clipboard as JSON.</source>
        <translation>实验已以 JSON 形式复制到剪贴板。</translation>
    </message>
    <message>
        <source>Connecting to the engine…</source>
        <translation>正在连接引擎…</translation>
    </message>
    <message>
        <source>Engine ready</source>
        <translation>引擎就绪</translation>
    </message>
    <message>
        <source>Engine at %1</source>
        <translation>引擎位于 %1</translation>
    </message>
    <message>
        <source>Engine not reached; trying again</source>
        <translation>未连上引擎，正在重试</translation>
    </message>
    <message numerus="yes">
        <source>%n active run(s)</source>
        <translation>
            <numerusform>%n 个运行进行中</numerusform>
        </translation>
    </message>
    <message>
        <source>The demonstration starts as soon as the engine is there.</source>
        <translation>引擎就绪后即开始演示。</translation>
    </message>
    <message>
        <source>About Concertina</source>
        <translation>关于 Concertina</translation>
    </message>
    <message>
        <source>A workbench for distributed training and compression.

Free software under the GNU General Public License, version 3 or later. Built with Qt, gRPC, oneDNN, Eigen, oneTBB and SQLite.</source>
        <translation>分布式训练与压缩的工作台。

自由软件，按 GNU 通用公共许可证第 3 版或更新版本发布。基于 Qt、gRPC、oneDNN、Eigen、oneTBB 和 SQLite 构建。</translation>
    </message>
    <message>
        <source>The command line is on the clipboard.</source>
        <translation>命令行已复制到剪贴板。</translation>
    </message>
    <message>
        <source>Experiments and runs (*.json *.concertina-run);;All files (*)</source>
        <translation>实验与运行 (*.json *.concertina-run);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Open &amp;Recent</source>
        <translation>打开最近的文件(&amp;R)</translation>
    </message>
    <message>
        <source>No Files Yet</source>
        <translation>还没有文件</translation>
    </message>
    <message>
        <source>Clear This List</source>
        <translation>清空此列表</translation>
    </message>
    <message>
        <source>Leave the unfinished JSON?</source>
        <translation>离开未写完的 JSON？</translation>
    </message>
    <message>
        <source>What is typed is no experiment yet, so there is nothing to save. A draft of it can be offered at the next start.</source>
        <translation>已输入的内容还不是一个实验，因此没有可保存的。可以留作草稿，下次启动时再提供。</translation>
    </message>
    <message>
        <source>Keep as a Draft</source>
        <translation>留作草稿</translation>
    </message>
    <message>
        <source>Engine %1, Qt %2, %3.</source>
        <translation>引擎 %1，Qt %2，%3。</translation>
    </message>
    <message>
        <source>not reached</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>An experiment is a form</source>
        <translation>实验就是一张表单</translation>
    </message>
    <message>
        <source>Dataset, model, workers, how they agree, how gradients are compressed. F1 explains the field you are in, with its range and its source.</source>
        <translation>数据集、模型、工作进程、它们如何达成一致、梯度如何压缩。按 F1 解释当前输入项，并给出范围和出处。</translation>
    </message>
    <message>
        <source>Before anything starts</source>
        <translation>在一切开始之前</translation>
    </message>
    <message>
        <source>The plan says how many steps it will be, what each worker needs, and how many bytes a step sends. Beside it is the same experiment as JSON.</source>
        <translation>计划说明共有多少步、每个工作进程需要什么、每一步发送多少字节。旁边是同一个实验的 JSON。</translation>
    </message>
    <message>
        <source>Real workers</source>
        <translation>真实的工作进程</translation>
    </message>
    <message>
        <source>Launch starts one process for each worker. What is wrong is told beside its field first, and starts nothing.</source>
        <translation>“启动”为每个工作进程启动一个进程。有错误时会先在相应的输入项旁说明，并且什么也不启动。</translation>
    </message>
    <message>
        <source>Watch it, and turn its knobs</source>
        <translation>观察它，转动它的旋钮</translation>
    </message>
    <message>
        <source>Loss, bytes and where the time goes, while the run is on. Charts are moved by their titles. Closing this window stops no run.</source>
        <translation>运行时的损失、字节和时间去向。拖动标题可移动图表。关闭此窗口不会停止任何运行。</translation>
    </message>
    <message>
        <source>Everything by a few letters</source>
        <translation>几个字母找到一切</translation>
    </message>
    <message>
        <source>Ctrl+K finds every command and every run. Ctrl+/ shows all shortcuts. The tour is in the Help menu whenever you want it again.</source>
        <translation>Ctrl+K 可找到每个命令和每个运行。Ctrl+/ 显示全部快捷键。想再看导览时，它就在“帮助”菜单里。</translation>
    </message>
    <message>
        <source>The experiment of the Design page</source>
        <translation>设计页的实验</translation>
    </message>
    <message>
        <source>An experiment that was in no file was left behind at %1.</source>
        <translation>%1 留下了一个未存入任何文件的实验。</translation>
    </message>
    <message>
        <source>Changes of %1 that were not saved were left behind at %2.</source>
        <translation>%2 留下了对 %1 未保存的修改。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>P&amp;anels</source>
        <translation>面板(&amp;A)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MetricModel</name>
    <message>
        <source>Step</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Bytes sent</source>
        <translation>发送字节</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rank</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>最新值</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>点数</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ModelServing</name>
    <message>
        <source>The program that serves the model has ended with status %1.</source>
        <translation>为模型提供服务的程序已结束，状态为 %1。</translation>
    </message>
    <message>
        <source>The model did not answer within %1.</source>
        <translation>模型在 %1 内没有应答。</translation>
    </message>
    <message>
        <source>The measurement gave no figures.</source>
        <translation>测量没有给出数据。</translation>
    </message>
    <message>
        <source>The measurement took longer than %1.</source>
        <translation>测量超过了 %1。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorBlame</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Reading data</source>
        <translation>读取数据</translation>
    </message>
    <message>
        <source>Computing</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>The exchange before</source>
        <translation>上一次交换</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Updating</source>
        <translation>更新参数</translation>
    </message>
    <message>
        <source>Between steps</source>
        <translation>两步之间</translation>
    </message>
    <message>
        <source>Nobody waits: no step was seen of two ranks together.</source>
        <translation>无人等待：尚未见到两个 rank 共同完成的步。</translation>
    </message>
    <message>
        <source>The ranks come together: waiting for the last takes %1 of their time.</source>
        <translation>各 rank 基本同时到达：等待最后一个只占其时间的 %1。</translation>
    </message>
    <message>
        <source>The ranks keep one another waiting by turns, %1 of the time; none of them stands out.</source>
        <translation>各 rank 轮流让彼此等待，占时间的 %1；没有哪一个特别突出。</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, reading its data.</source>
        <translation>Rank %1 让其他 rank 等待了 %2 的时间：它在读取数据。</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, computing.</source>
        <translation>Rank %1 让其他 rank 等待了 %2 的时间：它在计算。</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, held up in the exchange before.</source>
        <translation>Rank %1 让其他 rank 等待了 %2 的时间：它被上一次交换拖住。</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, decoding what it received.</source>
        <translation>Rank %1 让其他 rank 等待了 %2 的时间：它在解码收到的数据。</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, updating its parameters.</source>
        <translation>Rank %1 让其他 rank 等待了 %2 的时间：它在更新参数。</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, busy between two steps (evaluation, a checkpoint, or a machine that did something else).</source>
        <translation>Rank %1 让其他 rank 等待了 %2 的时间：它忙于两步之间的事务（评估、检查点，或机器另有他用）。</translation>
    </message>
    <message>
        <source>charged nothing</source>
        <translation>未计入等待</translation>
    </message>
    <message>
        <source>%1, %2, mostly: %3</source>
        <extracomment>%1 is a time, %2 a share, %3 what a rank was late with</extracomment>
        <translation>%1，%2，主要因为：%3</translation>
    </message>
    <message>
        <source>All wait for the last to come, so every wait is charged to it, and to what it took longer for than the others. The newest steps of the run.</source>
        <translation>所有 rank 都等最后到达的那一个，因此每次等待都计到它头上，并归因于它比其他 rank 多花时间的那一项。统计此运行最近的若干步。</translation>
    </message>
    <message>
        <source>Nothing measured yet</source>
        <translation>尚无测量数据</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorCharts</name>
    <message>
        <source>Against</source>
        <translation>横轴</translation>
    </message>
    <message>
        <source>Draw every chart against this</source>
        <translation>以此为所有图表的横轴</translation>
    </message>
    <message>
        <source>S&amp;moothing</source>
        <translation>平滑(&amp;M)</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Exponential moving average; what was measured stays behind it, fainter</source>
        <translation>指数移动平均；原始测量值以淡色留在后面</translation>
    </message>
    <message>
        <source>Knobs</source>
        <translation>可调参数</translation>
    </message>
    <message>
        <source>Settings that may change while the run goes on</source>
        <translation>运行期间可以更改的设置</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>Test Accuracy</source>
        <translation>测试准确率</translation>
    </message>
    <message>
        <source>Time per Step</source>
        <translation>每步耗时</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Compute</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>Encode</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation>交换</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Bytes per Second</source>
        <translation>每秒字节数</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>Bytes Sent</source>
        <translation>已发送字节</translation>
    </message>
    <message>
        <source>Compression Ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>Dense / sent</source>
        <translation>稠密 / 已发送</translation>
    </message>
    <message>
        <source>Relative Error of the Gradient</source>
        <translation>梯度相对误差</translation>
    </message>
    <message>
        <source>Relative error</source>
        <translation>相对误差</translation>
    </message>
    <message>
        <source>Samples per Second</source>
        <translation>每秒样本数</translation>
    </message>
    <message>
        <source>All workers</source>
        <translation>全部工作进程</translation>
    </message>
    <message>
        <source>Nothing measured yet</source>
        <translation>尚无测量数据</translation>
    </message>
    <message>
        <source>A single worker sends nothing.</source>
        <translation>单个工作进程不发送数据。</translation>
    </message>
    <message>
        <source>No codec: gradients are sent as they are.</source>
        <translation>没有编解码器：梯度原样发送。</translation>
    </message>
    <message>
        <source>No evaluation yet</source>
        <translation>尚未评估</translation>
    </message>
    <message>
        <source>Save “%1”</source>
        <translation>保存“%1”</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1 文件 (*.%2)</translation>
    </message>
    <message>
        <source>Staleness</source>
        <translation>陈旧度</translation>
    </message>
    <message>
        <source>Steps behind</source>
        <translation>落后步数</translation>
    </message>
    <message>
        <source>Consensus Distance</source>
        <translation>共识距离</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>距离</translation>
    </message>
    <message>
        <source>spectral gap %1</source>
        <translation>谱隙 %1</translation>
    </message>
    <message>
        <source>Drift of Local Steps</source>
        <translation>本地步漂移</translation>
    </message>
    <message>
        <source>Drift</source>
        <translation>漂移</translation>
    </message>
    <message>
        <source>Pipeline Bubble</source>
        <translation>流水线气泡</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>实测</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>预期</translation>
    </message>
    <message>
        <source>Unequal stages</source>
        <translation>阶段不均</translation>
    </message>
    <message>
        <source>Clients of a Round</source>
        <translation>每通信轮客户端</translation>
    </message>
    <message>
        <source>Taking part</source>
        <translation>参与</translation>
    </message>
    <message>
        <source>Dropped out</source>
        <translation>掉线</translation>
    </message>
    <message>
        <source>Bytes of a Round</source>
        <translation>每通信轮字节</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>Memory of a Worker</source>
        <translation>每进程内存</translation>
    </message>
    <message>
        <source>Resident</source>
        <translation>常驻内存</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Gradients</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>优化器状态</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>激活值</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Which charts are shown; a chart is moved by its title</source>
        <translation>显示哪些图表；拖动标题可移动图表</translation>
    </message>
    <message>
        <source>Drag to put this chart elsewhere</source>
        <translation>拖动可把此图表放到别处</translation>
    </message>
    <message>
        <source>Move Earlier</source>
        <translation>前移</translation>
    </message>
    <message>
        <source>Move Later</source>
        <translation>后移</translation>
    </message>
    <message>
        <source>Hide This Chart</source>
        <translation>隐藏此图表</translation>
    </message>
    <message>
        <source>Reset Layout</source>
        <translation>重置布局</translation>
    </message>
    <message>
        <source>This Chart Alone</source>
        <translation>仅显示此图</translation>
    </message>
    <message>
        <source>Add a Series</source>
        <translation>添加序列</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorFigures</name>
    <message>
        <source>Training loss</source>
        <translation>训练损失</translation>
    </message>
    <message>
        <source>Test accuracy</source>
        <translation>测试准确率</translation>
    </message>
    <message>
        <source>Samples per second</source>
        <translation>每秒样本数</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>发送速率</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>Compression</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>test %1</source>
        <translation>测试 %1</translation>
    </message>
    <message>
        <source>no evaluation yet</source>
        <translation>尚未评估</translation>
    </message>
    <message>
        <source>last evaluation</source>
        <translation>最近一次评估</translation>
    </message>
    <message>
        <source>all workers</source>
        <translation>全部工作进程</translation>
    </message>
    <message>
        <source>on average</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>%1 % payload</source>
        <translation>载荷占 %1 %</translation>
    </message>
    <message>
        <source>dense over sent</source>
        <translation>稠密 / 已发送</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorFork</name>
    <message>
        <source>From the newest checkpoint at or before step</source>
        <translation>从不晚于该步的最新检查点开始，步</translation>
    </message>
    <message>
        <source>Fork with a Change</source>
        <translation>带改动分叉</translation>
    </message>
    <message>
        <source>A new run goes on from where “%1” was: the same parameters, the same optimiser, the same order of samples, and one thing changed.</source>
        <translation>一个新的运行从“%1”所在之处继续：相同的参数、相同的优化器、相同的样本顺序，只改动一处。</translation>
    </message>
    <message>
        <source>From now (a checkpoint is written first)</source>
        <translation>从现在开始（先写一个检查点）</translation>
    </message>
    <message>
        <source>From its newest checkpoint, of step %1</source>
        <translation>从它最新的检查点开始，第 %1 步</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Add a setting</source>
        <translation>添加设置</translation>
    </message>
    <message>
        <source>Add a setting…</source>
        <translation>添加设置…</translation>
    </message>
    <message>
        <source>Changes, one a line</source>
        <translation>改动，每行一个</translation>
    </message>
    <message>
        <source>&amp;Changes, one a line, as the command line says them:</source>
        <translation>改动(&amp;C)，每行一个，写法与命令行相同：</translation>
    </message>
    <message>
        <source>Nothing is changed yet: the new run would do as this one does.</source>
        <translation>尚未改动：新的运行会与本次运行一样。</translation>
    </message>
    <message>
        <source>The new run can start.</source>
        <translation>新的运行可以开始。</translation>
    </message>
    <message>
        <source>Laying the checkpoint…</source>
        <translation>正在放置检查点…</translation>
    </message>
    <message>
        <source>&amp;Fork</source>
        <translation>分叉(&amp;F)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorHeader</name>
    <message>
        <source>Next in the queue</source>
        <translation>排在队首</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) before this one in the queue</source>
        <translation>
            <numerusform>前面还有 %n 个运行在排队</numerusform>
        </translation>
    </message>
    <message>
        <source>Workers are joining</source>
        <translation>工作进程正在加入</translation>
    </message>
    <message>
        <source>Step %1 of %2</source>
        <translation>第 %1 / %2 步</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>  ·  epoch %1</source>
        <translation>  ·  轮次 %1</translation>
    </message>
    <message>
        <source>  ·  attempt %1</source>
        <translation>  ·  第 %1 次尝试</translation>
    </message>
    <message>
        <source>Resume goes on from the checkpoint of step %1; what was measured is kept.</source>
        <translation>“恢复”将从第 %1 步的检查点继续，已有测量数据会保留。</translation>
    </message>
    <message>
        <source>There is no checkpoint to resume from. The log has the last words of each rank; what was measured is kept.</source>
        <translation>没有可供恢复的检查点。日志中有各 rank 的最后输出，已有测量数据会保留。</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Show Log</source>
        <translation>查看日志</translation>
    </message>
    <message>
        <source>Write a checkpoint before the next step</source>
        <translation>在下一步之前写入检查点</translation>
    </message>
    <message>
        <source>End the run before its next step; measurements and parameters are kept</source>
        <translation>在下一步之前结束运行，测量数据和参数会保留</translation>
    </message>
    <message>
        <source>Start again from the last checkpoint</source>
        <translation>从最近的检查点重新开始</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>took %1</source>
        <translation>用时 %1</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>约剩 %1</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Go on with the next step</source>
        <translation>继续下一步</translation>
    </message>
    <message>
        <source>Wait before the next step</source>
        <translation>在下一步之前等待</translation>
    </message>
    <message>
        <source>The run failed without saying why.</source>
        <translation>运行失败，未说明原因。</translation>
    </message>
    <message>
        <source>Nothing is lost: what was to be kept waits in memory. Make room on the disk; Continue tries at once.</source>
        <translation>没有丢失任何内容：要保存的数据仍在内存中。请腾出磁盘空间；按“继续”会立即重试。</translation>
    </message>
    <message>
        <source>Fork…</source>
        <translation>分叉…</translation>
    </message>
    <message>
        <source>Fork with a Change…</source>
        <translation>带改动分叉…</translation>
    </message>
    <message>
        <source>Start a new run from a checkpoint of this one, with something changed</source>
        <translation>从本次运行的检查点开始一个新的运行，并改动某处</translation>
    </message>
    <message>
        <source>Start by Hand…</source>
        <translation>手动启动…</translation>
    </message>
    <message>
        <source>The lines with which you start the workers that this run waits for</source>
        <translation>用于启动本次运行所等待的工作进程的命令行</translation>
    </message>
    <message>
        <source>Progress of the run</source>
        <translation>运行进度</translation>
    </message>
    <message>
        <source>End at Once</source>
        <translation>立即结束</translation>
    </message>
    <message>
        <source>It was asked to stop, and goes on. This ends its workers; nothing more is written</source>
        <translation>已请求停止，但它仍在继续。此操作会结束其工作进程；不再写入任何内容</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorHistogram</name>
    <message>
        <source>Gradient by Size</source>
        <translation>梯度大小分布</translation>
    </message>
    <message>
        <source>How many elements of rank 0&apos;s own gradient have which size, in octaves</source>
        <translation>0 号进程自身梯度中各大小元素的数量，按二倍区间统计</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Counts the elements of the next step&apos;s gradient</source>
        <translation>统计下一步梯度的元素</translation>
    </message>
    <message>
        <source>Not counted yet.</source>
        <translation>尚未统计。</translation>
    </message>
    <message>
        <source>This exchange makes no gradient that could be counted.</source>
        <translation>该交换方式没有可统计的梯度。</translation>
    </message>
    <message>
        <source>Step %1: half of it is below %2, 99 % below %3; %4 are zero.</source>
        <extracomment>%1 a step&apos;s number, %2 and %3 sizes, %4 a percentage</extracomment>
        <translation>第 %1 步：一半低于 %2，99 % 低于 %3；%4 为零。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorKnobs</name>
    <message>
        <source>from %1 to %2</source>
        <translation>在 %1 到 %2 之间</translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>不小于 %1</translation>
    </message>
    <message>
        <source>up to %1</source>
        <translation>不大于 %1</translation>
    </message>
    <message>
        <source>“%1” is not a number.</source>
        <translation>“%1”不是数字。</translation>
    </message>
    <message>
        <source>A whole number is expected.</source>
        <translation>应为整数。</translation>
    </message>
    <message>
        <source>A number %1 is expected.</source>
        <translation>数字须%1。</translation>
    </message>
    <message>
        <source>Knobs</source>
        <translation>可调参数</translation>
    </message>
    <message>
        <source>This experiment has no settings that may change while it runs.</source>
        <translation>此实验没有运行期间可以更改的设置。</translation>
    </message>
    <message>
        <source>Write a value and press Enter. It holds from the next step on that all ranks can meet at.</source>
        <translation>填入数值后按 Enter，从全部 rank 都能赶上的下一步起生效。</translation>
    </message>
    <message>
        <source>Knobs can be turned while the run goes on.</source>
        <translation>运行期间可以调整这些参数。</translation>
    </message>
    <message>
        <source>Holds from step %1 on.</source>
        <translation>从第 %1 步起生效。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorLayers</name>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Change This Layer&apos;s Codec…</source>
        <translation>更改该层的编解码器…</translation>
    </message>
    <message>
        <source>What Arrives</source>
        <translation>送达的部分</translation>
    </message>
    <message>
        <source>Relative error</source>
        <translation>相对误差</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>What Waits</source>
        <translation>等待的部分</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>梯度</translation>
    </message>
    <message>
        <source>Age of the Residual</source>
        <extracomment>of a residual, in steps</extracomment>
        <translation>残差的年龄</translation>
    </message>
    <message>
        <source>Age (steps)</source>
        <translation>年龄（步）</translation>
    </message>
    <message>
        <source>Nothing waits in this layer</source>
        <translation>该层没有等待发送的内容</translation>
    </message>
    <message>
        <source>Nothing measured yet: layers are measured at every sixteenth step.</source>
        <translation>尚无测量：每 16 步测量一次各层。</translation>
    </message>
    <message>
        <source>Opens the knobs of the codecs, which all layers share</source>
        <translation>打开各层共用的编解码器的可调参数</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorLog</name>
    <message>
        <source>Whose lines</source>
        <translation>日志来源</translation>
    </message>
    <message>
        <source>Everyone</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Lines with these words</source>
        <translation>含有这些词的行</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Nothing has been written yet.</source>
        <translation>尚无内容。</translation>
    </message>
    <message>
        <source>Rank %1</source>
        <translation>Rank %1</translation>
    </message>
    <message>
        <source>engine  %1</source>
        <translation>引擎  %1</translation>
    </message>
    <message>
        <source>rank %1  %2</source>
        <translation>rank %1  %2</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorMotion</name>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Leave Slow Motion</source>
        <translation>离开慢动作</translation>
    </message>
    <message>
        <source>Begin Slow Motion</source>
        <translation>开始慢动作</translation>
    </message>
    <message>
        <source>All messages may go: the run goes on as before, with the same bits</source>
        <translation>所有消息放行：运行照常继续，结果逐位相同</translation>
    </message>
    <message>
        <source>From the next step on each message of the run waits until you let it go</source>
        <translation>从下一步起，运行的每条消息都等待您放行</translation>
    </message>
    <message>
        <source>Every rank writes down each message of so many steps</source>
        <translation>每个 rank 记录这些步中的每一条消息</translation>
    </message>
    <message>
        <source>Space, in the picture</source>
        <translation>在图中按空格键</translation>
    </message>
    <message>
        <source>Nothing has moved yet</source>
        <translation>还没有消息移动</translation>
    </message>
    <message>
        <source>Recording: it appears here once the steps are made.</source>
        <translation>正在记录：这些步完成后会显示在此处。</translation>
    </message>
    <message>
        <source>This recording has no messages: a single rank sends nothing, and older recordings have none.</source>
        <translation>此录制中没有消息：单个 rank 不发送任何内容，较旧的录制也不含消息。</translation>
    </message>
    <message>
        <source>Waiting for the next step…</source>
        <translation>正在等待下一步…</translation>
    </message>
    <message>
        <source>Begin slow motion, and each message between the ranks of this run waits until you let it go: one at a time, on the real processes. Or record a few steps, and play their messages here.</source>
        <translation>开始慢动作后，此运行各 rank 之间的每条消息都会等待您放行：在真实进程上一次一条。也可以录制几步，在这里播放其中的消息。</translation>
    </message>
    <message>
        <source>This run cannot be slowed down now: %1. A recording of its messages can be played here.</source>
        <translation>此运行现在无法放慢：%1。可以在这里播放其消息的录制。</translation>
    </message>
    <message>
        <source>Choose a recording above, or record some steps while the run trains.</source>
        <translation>请在上方选择一个录制，或在运行训练时录制几步。</translation>
    </message>
    <message>
        <source>Step %1: %2 messages so far</source>
        <translation>第 %1 步：目前 %2 条消息</translation>
    </message>
    <message>
        <source>Step %1: message %2 of %3</source>
        <translation>第 %1 步：第 %2 条消息，共 %3 条</translation>
    </message>
    <message>
        <source>Nothing waits: ranks compute, or wait for what is to come.</source>
        <translation>没有消息在等待：各 rank 正在计算，或在等待将要到来的内容。</translation>
    </message>
    <message numerus="yes">
        <source>Next: %1. %n message(s) wait.</source>
        <translation>
            <numerusform>下一条：%1。%n 条消息在等待。</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 messages, the oldest, found no room: record fewer steps.</source>
        <translation>最早的 %1 条消息没有空间：请少录几步。</translation>
    </message>
    <message>
        <source>Save the Clip</source>
        <translation>保存片段</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1 文件 (*.%2)</translation>
    </message>
    <message>
        <source>Next Message</source>
        <translation>下一条消息</translation>
    </message>
    <message>
        <source>Rest of Step</source>
        <translation>本步剩余</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Messages of this step</source>
        <translation>本步的消息</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>显示的内容</translation>
    </message>
    <message>
        <source>Save the clip</source>
        <translation>保存片段</translation>
    </message>
    <message>
        <source>Save Clip as HTML…</source>
        <translation>将片段另存为 HTML…</translation>
    </message>
    <message>
        <source>Save Clip as SVG…</source>
        <translation>将片段另存为 SVG…</translation>
    </message>
    <message>
        <source>Save Messages as JSON…</source>
        <translation>将消息另存为 JSON…</translation>
    </message>
    <message>
        <source>The message before</source>
        <translation>上一条消息</translation>
    </message>
    <message>
        <source> messages/s</source>
        <translation> 条消息/秒</translation>
    </message>
    <message>
        <source>Messages a second</source>
        <translation>每秒消息数</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorPage</name>
    <message>
        <source>Nothing to watch yet</source>
        <translation>尚无可监控的运行</translation>
    </message>
    <message>
        <source>Launch an experiment, and its curves, bytes and workers appear here while it runs.</source>
        <translation>启动一个实验，运行时的曲线、字节和工作进程会显示在这里。</translation>
    </message>
    <message>
        <source>Design an Experiment</source>
        <translation>设计实验</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Workers (%1)</source>
        <translation>工作进程 (%1)</translation>
    </message>
    <message>
        <source>Events (%1)</source>
        <translation>事件 (%1)</translation>
    </message>
    <message>
        <source>Blame</source>
        <translation>等待归因</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>Only while the run goes on</source>
        <translation>仅在运行进行时可用</translation>
    </message>
    <message>
        <source>Nothing of this codec can be changed while the run goes on</source>
        <translation>该编解码器在运行进行时没有可更改的参数</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Slow Motion</source>
        <translation>慢动作</translation>
    </message>
    <message>
        <source>Knobs</source>
        <translation>可调参数</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorStartLines</name>
    <message>
        <source>Start Workers by Hand</source>
        <translation>手动启动工作进程</translation>
    </message>
    <message>
        <source>Lines that start the workers</source>
        <translation>启动工作进程的命令行</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Look Again</source>
        <translation>再查看一次(&amp;L)</translation>
    </message>
    <message>
        <source>Asking the engine…</source>
        <translation>正在询问引擎…</translation>
    </message>
    <message>
        <source>No worker waits to be started by hand: all of them are here, or the run has ended.</source>
        <translation>没有等待手动启动的工作进程：它们都已加入，或者运行已经结束。</translation>
    </message>
    <message numerus="yes">
        <source>%n worker(s) wait(s) for you. Each line starts one, once, on a machine with Concertina; it holds a token, so show it to nobody else.</source>
        <translation>
            <numerusform>有 %n 个工作进程在等待您启动。每一行在装有 Concertina 的机器上启动一个进程，且只能使用一次；其中含有令牌，请勿给他人看到。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorTimeline</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>of the ranks&apos; time is computing</source>
        <translation>的 rank 时间用于计算</translation>
    </message>
    <message>
        <source>is waiting</source>
        <translation>在等待</translation>
    </message>
    <message>
        <source>of the exchange is hidden behind computing</source>
        <translation>的交换被计算掩盖</translation>
    </message>
    <message>
        <source>bubble of whole steps in sight</source>
        <translation>可见完整步骤的气泡</translation>
    </message>
    <message>
        <source>expected, (p − 1)/(m + p − 1) with p = %1 and m = %2</source>
        <extracomment>%1 is the number of stages, %2 that of micro-batches</extracomment>
        <translation>预期值，(p − 1)/(m + p − 1)，其中 p = %1，m = %2</translation>
    </message>
    <message>
        <source>Steps to record</source>
        <translation>要记录的步数</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Show All</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>Show the whole recording</source>
        <translation>显示整段记录</translation>
    </message>
    <message>
        <source>Save the timeline</source>
        <translation>保存时间线</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>另存为 PNG…</translation>
    </message>
    <message>
        <source>Save as SVG…</source>
        <translation>另存为 SVG…</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>另存为 PDF…</translation>
    </message>
    <message>
        <source>Save Data as CSV…</source>
        <translation>将数据另存为 CSV…</translation>
    </message>
    <message>
        <source>Save as Trace for Perfetto…</source>
        <translation>另存为 Perfetto 跟踪文件…</translation>
    </message>
    <message>
        <source>Steps %1 to %2.</source>
        <translation>第 %1 步至第 %2 步。</translation>
    </message>
    <message>
        <source>%1 spans, the oldest, found no room: record fewer steps.</source>
        <translation>%1 个最早的区间没有空间可存：请减少记录的步数。</translation>
    </message>
    <message>
        <source>Every rank writes down what it does when, for so many steps</source>
        <translation>每个 rank 在这么多步内记下自己何时做了什么</translation>
    </message>
    <message>
        <source>Recording: it appears here once the steps are made.</source>
        <translation>正在记录：这些步完成后会显示在此处。</translation>
    </message>
    <message>
        <source>Nothing recorded yet. “Record” writes down, for a few steps, what every rank does from when to when: passes, exchanges and waits, side by side.</source>
        <translation>尚无记录。“记录”会在若干步内记下每个 rank 从何时到何时做了什么：前向与反向、交换和等待，并排显示。</translation>
    </message>
    <message>
        <source>Nothing was recorded. Steps are recorded while a run trains.</source>
        <translation>没有记录。只有在运行训练时才能记录步骤。</translation>
    </message>
    <message>
        <source>Save the Timeline</source>
        <translation>保存时间线</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1 文件 (*.%2)</translation>
    </message>
    <message>
        <source>Timeline of the ranks</source>
        <translation>各 rank 的时间线</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorWorkersBar</name>
    <message>
        <source>Add a Worker</source>
        <translation>增加一个工作进程</translation>
    </message>
    <message>
        <source>Let One Leave</source>
        <translation>让一个离开</translation>
    </message>
    <message>
        <source>It is started, and joins the others between two steps</source>
        <translation>启动它，并在两步之间加入其他工作进程</translation>
    </message>
    <message>
        <source>The last rank leaves between two steps; the others go on</source>
        <translation>最后一个 rank 在两步之间离开；其他的继续</translation>
    </message>
    <message>
        <source>Workers may join and leave between two steps: from %1 to %2 of them.</source>
        <translation>工作进程可在两步之间加入或离开：%1 到 %2 个。</translation>
    </message>
    <message>
        <source>Workers may join and leave between two steps: %1 of them at least.</source>
        <translation>工作进程可在两步之间加入或离开：至少 %1 个。</translation>
    </message>
    <message numerus="yes">
        <source>The group will be of %n worker(s), between two steps to come.</source>
        <translation>
            <numerusform>在接下来的两步之间，该组将有 %n 个工作进程。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MotionModel</name>
    <message>
        <source>Step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>What it is</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Until it had come</source>
        <translation>到达用时</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来自</translation>
    </message>
    <message>
        <source>To</source>
        <translation>发往</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MotionPicture</name>
    <message>
        <source>Ranks, and the message on its way</source>
        <translation>各个 rank，以及正在传送的消息</translation>
    </message>
    <message>
        <source>Stage %1</source>
        <translation>阶段 %1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::PaperCard</name>
    <message>
        <source>Inside</source>
        <translation>在区间内</translation>
    </message>
    <message>
        <source>Outside</source>
        <translation>在区间外</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从未达到</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 个百分点</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>至多 %1</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
    <message>
        <source>exactly %1</source>
        <translation>恰为 %1</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n run(s) finished</source>
        <translation>
            <numerusform>%n 个运行中已完成 %1 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Quick: %1</source>
        <translation>快速：%1</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>%1 %2.</source>
        <comment>a citation, and the place in it</comment>
        <translation>%1 %2。</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run %1</source>
        <translation>运行 %1</translation>
    </message>
    <message>
        <source>Run Quickly</source>
        <translation>快速运行</translation>
    </message>
    <message>
        <source>Run %1 quickly</source>
        <translation>快速运行 %1</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop %1</source>
        <translation>停止 %1</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Published</source>
        <translation>发表值</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>测得值</translation>
    </message>
    <message>
        <source>Band</source>
        <translation>区间</translation>
    </message>
    <message>
        <source>%1, measured</source>
        <translation>%1，测得值</translation>
    </message>
    <message>
        <source>%1, verdict</source>
        <translation>%1，结论</translation>
    </message>
    <message>
        <source>%1 Quick: %2</source>
        <translation>%1 快速：%2</translation>
    </message>
    <message numerus="yes">
        <source>Puts its %n run(s) into the queue</source>
        <translation>
            <numerusform>将它的 %n 个运行放入队列</numerusform>
        </translation>
    </message>
    <message>
        <source>Not connected to the engine</source>
        <translation>未连接到引擎</translation>
    </message>
    <message>
        <source>The run was refused: %1</source>
        <translation>运行被拒绝：%1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ParallelAxes</name>
    <message>
        <source>Settings and result of every run, an axis each</source>
        <translation>每个运行的设置与结果，各占一条轴</translation>
    </message>
    <message>
        <source>Axis %1; runs that are kept: %2</source>
        <translation>轴 %1；保留的运行：%2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Kept</source>
        <translation>保留</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ParamForm</name>
    <message>
        <source>Range: %1%2.</source>
        <translation>范围：%1%2。</translation>
    </message>
    <message>
        <source>Default: %1%2.</source>
        <translation>默认值：%1%2。</translation>
    </message>
    <message>
        <source>Can be changed while a run goes.</source>
        <translation>可在运行期间更改。</translation>
    </message>
    <message>
        <source>live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Reset %1</source>
        <translation>重置%1</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Back to the default, %1</source>
        <translation>恢复默认值 %1</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Choices</source>
        <translation>可选值</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认值</translation>
    </message>
    <message>
        <source>In the file</source>
        <translation>在文件中</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
</context>
<context>
    <name>concertina::ui::PreferencesDialog</name>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RecipeLayersModel</name>
    <message>
        <source>The largest of them was %1 and is %2; %3 are zero and not drawn.</source>
        <extracomment>The weights of a layer. %1 is a magnitude, %2 another, %3 a number of weights.</extracomment>
        <translation>其中最大的原为 %1，现为 %2；有 %3 个为零，未画出。</translation>
    </message>
    <message>
        <source>%1 of the weights are left; outputs from the top down, inputs to the right (%2).</source>
        <extracomment>%1 is a percentage, %2 a shape like 500×800.</extracomment>
        <translation>权重还剩 %1；输出自上而下，输入自左向右（%2）。</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Layers that have weights</source>
        <translation>带权重的层</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Of the weight: outputs first</source>
        <translation>权重的形状：输出在前</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重数</translation>
    </message>
    <message>
        <source>How many the layer has</source>
        <translation>该层有多少个</translation>
    </message>
    <message>
        <source>Not zero</source>
        <translation>非零</translation>
    </message>
    <message>
        <source>Share of the weights that is left</source>
        <translation>剩余权重所占比例</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Of the grid that the weights lie on; 32 are floats</source>
        <translation>权重所在网格的位数；32 为浮点数</translation>
    </message>
    <message>
        <source>In the file</source>
        <translation>文件中</translation>
    </message>
    <message>
        <source>Bytes of this layer&apos;s weights in the file</source>
        <translation>该层权重在文件中的字节数</translation>
    </message>
    <message>
        <source>Values</source>
        <translation>取值</translation>
    </message>
    <message>
        <source>How often each value is there: grey before, in colour now; zeros left out</source>
        <translation>各取值出现的多少：灰色为之前，彩色为现在；不含零</translation>
    </message>
    <message>
        <source>Mask</source>
        <translation>掩码</translation>
    </message>
    <message>
        <source>Where weights are left: filled where all are, empty where none is</source>
        <translation>权重剩余之处：全剩处填满，全无处留空</translation>
    </message>
    <message>
        <source>–</source>
        <extracomment>The layer was not timed.</extracomment>
        <translation>–</translation>
    </message>
    <message>
        <source>An earlier version of the program made this step, and did not time its layers.</source>
        <translation>此步骤由较早版本的程序生成，没有测量各层耗时。</translation>
    </message>
    <message>
        <source>%1, all of it in the layer&apos;s kernel.</source>
        <translation>%1，全部用在该层的计算核中。</translation>
    </message>
    <message>
        <source>%1, of which %2 (%3) only convert values: quantise, dequantise, prepare.</source>
        <extracomment>%1 and %2 are times, %3 is a percentage. Values are converted to bytes and back around a kernel.</extracomment>
        <translation>%1，其中 %2（%3）只用于转换数值：量化、反量化、准备。</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Of one answer, what this layer and the converting for it take: the median</source>
        <translation>一次推理中，该层及为其做的转换所用时间（中位数）</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RecipeModel</name>
    <message>
        <source>The model as it was</source>
        <translation>模型原样</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>What was done, and then measured on the file that came of it</source>
        <translation>做了什么，随后在所得文件上测量</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Bytes of the whole file, as it goes to the device</source>
        <translation>送往设备的整个文件的字节数</translation>
    </message>
    <message>
        <source>Ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>Bytes of the first file over those of this one</source>
        <translation>最初文件的字节数除以此文件的字节数</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>On all test samples, by the runtime of the device</source>
        <translation>在全部测试样本上，由设备端运行时得出</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>百分点</translation>
    </message>
    <message>
        <source>Percentage points won (or lost) against the first</source>
        <translation>相对最初增加（或减少）的百分点</translation>
    </message>
    <message>
        <source>Not zero</source>
        <translation>非零</translation>
    </message>
    <message>
        <source>Parameters that are not zero</source>
        <translation>不为零的参数</translation>
    </message>
    <message>
        <source>Multiply-adds</source>
        <translation>乘加次数</translation>
    </message>
    <message>
        <source>For one sample, as the runtime&apos;s kernels do them</source>
        <translation>每个样本，按运行时内核实际执行</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Weights and buffers of the runtime, packed</source>
        <translation>运行时的权重与缓冲区（打包后）</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>One sample, one thread, on this machine: the median of 1,024 queries</source>
        <translation>单样本、单线程、在本机上：1,024 次查询的中位数</translation>
    </message>
    <message>
        <source>99 %</source>
        <translation>99 %</translation>
    </message>
    <message>
        <source>99 of 100 queries are not slower</source>
        <translation>100 次查询中有 99 次不比它慢</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RecordingBar</name>
    <message>
        <source>Recorded at %1</source>
        <translation>记录于 %1</translation>
    </message>
    <message>
        <source>Recording…</source>
        <translation>正在记录…</translation>
    </message>
    <message numerus="yes">
        <source>Record %n Step(s)</source>
        <translation>
            <numerusform>记录 %n 步</numerusform>
        </translation>
    </message>
    <message>
        <source>Only while the run trains</source>
        <translation>仅在运行训练时可用</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunNotices</name>
    <message>
        <source>“%1” has failed</source>
        <translation>“%1”失败了</translation>
    </message>
    <message>
        <source>“%1” is finished</source>
        <translation>“%1”已完成</translation>
    </message>
    <message>
        <source>Test accuracy %1 after %2</source>
        <translation>历时 %2，测试准确率 %1</translation>
    </message>
    <message>
        <source>After %1</source>
        <translation>历时 %1</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunTableModel</name>
    <message>
        <source>%1
%2</source>
        <translation>%1
%2</translation>
    </message>
    <message>
        <source>%1 %2 %</source>
        <translation>%1 %2 %</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>The chain of gradient codecs</source>
        <translation>梯度编解码器链</translation>
    </message>
    <message>
        <source>Bytes sent by all workers, framing included</source>
        <translation>全部工作进程发送的字节，含帧头</translation>
    </message>
    <message>
        <source>Dense bytes over payload bytes sent: above 1 when compression helps</source>
        <translation>稠密字节与实际发送载荷字节之比：大于 1 表示压缩有效</translation>
    </message>
    <message>
        <source>Samples a second, all workers together, median after warm-up</source>
        <translation>全部工作进程合计的每秒样本数，取预热后的中位数</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Dataset</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>Codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>Ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>Samples/s</source>
        <translation>样本/秒</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>创建时间</translation>
    </message>
    <message>
        <source>Baseline</source>
        <translation>基线</translation>
    </message>
    <message>
        <source>loss %1</source>
        <translation>损失 %1</translation>
    </message>
    <message>
        <source>%1, the baseline</source>
        <translation>%1，基线</translation>
    </message>
    <message>
        <source>Curve of the training loss</source>
        <translation>训练损失曲线</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Final accuracy, or loss, against the pinned run</source>
        <translation>最终准确率（或损失）与所固定运行的差值</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Loss curve</source>
        <translation>损失曲线</translation>
    </message>
    <message>
        <source>Against baseline</source>
        <translation>与基线相比</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunsBinDialog</name>
    <message>
        <source>Deleted Runs</source>
        <translation>已删除的运行</translation>
    </message>
    <message>
        <source>A deleted run stays here for seven days; until then it can be restored with all that was measured.</source>
        <translation>已删除的运行在此保留七天；在此期间可连同全部测量数据一起恢复。</translation>
    </message>
    <message>
        <source>Deleted runs</source>
        <translation>已删除的运行</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>恢复(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Empty the Bin…</source>
        <translation>清空回收站(&amp;E)…</translation>
    </message>
    <message>
        <source>Looking into the bin…</source>
        <translation>正在查看回收站…</translation>
    </message>
    <message>
        <source>The bin is empty.</source>
        <translation>回收站是空的。</translation>
    </message>
    <message>
        <source>&amp;Delete for Good…</source>
        <translation>彻底删除(&amp;D)…</translation>
    </message>
    <message>
        <source>Delete for Good</source>
        <translation>彻底删除</translation>
    </message>
    <message>
        <source>%1 will be gone with all measurements, checkpoints and parameters. This cannot be undone.</source>
        <translation>%1 将连同全部测量数据、检查点和参数一起消失。此操作无法撤销。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunsBinModel</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Deleted</source>
        <translation>删除时间</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunsFilterModel</name>
    <message>
        <source>Closed group</source>
        <translation>已折叠的组</translation>
    </message>
    <message>
        <source>Open group</source>
        <translation>已展开的组</translation>
    </message>
    <message>
        <source>None of it</source>
        <translation>无此项</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunsNotePane</name>
    <message>
        <source>By itself</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝</translation>
    </message>
    <message>
        <source>Vermilion</source>
        <translation>朱红</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>绿</translation>
    </message>
    <message>
        <source>Purple</source>
        <translation>紫</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>橙</translation>
    </message>
    <message>
        <source>Sky blue</source>
        <translation>天蓝</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>黄</translation>
    </message>
    <message>
        <source>ablation, warm-up</source>
        <translation>消融, 预热</translation>
    </message>
    <message>
        <source>What was tried here, and what came of it</source>
        <translation>这里尝试了什么，结果如何</translation>
    </message>
    <message>
        <source>&amp;Tags</source>
        <translation>标签(&amp;T)</translation>
    </message>
    <message>
        <source>Co&amp;lour</source>
        <translation>颜色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Note</source>
        <translation>备注(&amp;N)</translation>
    </message>
    <message>
        <source>Choose one run</source>
        <translation>请选择一个运行</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>concertina::ui::RunsPage</name>
    <message>
        <source>Curves as CSV…</source>
        <translation>曲线导出为 CSV…</translation>
    </message>
    <message>
        <source>Everything as JSON…</source>
        <translation>全部导出为 JSON…</translation>
    </message>
    <message>
        <source>Curves for TensorBoard…</source>
        <translation>曲线导出为 TensorBoard…</translation>
    </message>
    <message>
        <source>Parameters as Safetensors…</source>
        <translation>参数导出为 Safetensors…</translation>
    </message>
    <message>
        <source>Model as ONNX…</source>
        <translation>模型导出为 ONNX…</translation>
    </message>
    <message>
        <source>Report as HTML…</source>
        <translation>报告导出为 HTML…</translation>
    </message>
    <message>
        <source>1 run</source>
        <translation>1 个运行</translation>
    </message>
    <message numerus="yes">
        <source>%n runs</source>
        <translation>
            <numerusform>%n 个运行</numerusform>
        </translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Filter: words, or state=finished test_accuracy&gt;0.9</source>
        <translation>筛选：关键词，或 state=finished test_accuracy&gt;0.9</translation>
    </message>
    <message>
        <source>New Experiment</source>
        <translation>新建实验</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>打开(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>暂停(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Resume from Checkpoint</source>
        <translation>从检查点恢复(&amp;R)</translation>
    </message>
    <message>
        <source>D&amp;uplicate as New Experiment</source>
        <translation>复制为新实验(&amp;U)</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1，共 %2</translation>
    </message>
    <message>
        <source>No run matches the filter</source>
        <translation>没有符合筛选条件的运行</translation>
    </message>
    <message>
        <source>It hides %1.</source>
        <translation>已隐藏 %1。</translation>
    </message>
    <message>
        <source>Clear the Filter</source>
        <translation>清除筛选</translation>
    </message>
    <message>
        <source>The engine cannot be reached</source>
        <translation>无法连接引擎</translation>
    </message>
    <message>
        <source>Looking for the engine</source>
        <translation>正在寻找引擎</translation>
    </message>
    <message>
        <source>It is looked for again by itself; runs are listed as soon as it answers.</source>
        <translation>正在自动重试；引擎一应答就会列出运行。</translation>
    </message>
    <message>
        <source>Runs are listed as soon as it answers.</source>
        <translation>引擎一应答就会列出运行。</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>还没有运行</translation>
    </message>
    <message>
        <source>Every experiment that is launched appears here, and stays until it is deleted.</source>
        <translation>每个启动过的实验都会显示在这里，直到被删除。</translation>
    </message>
    <message>
        <source>Design an Experiment</source>
        <translation>设计实验</translation>
    </message>
    <message>
        <source>Choose by Width</source>
        <translation>按宽度自动选择</translation>
    </message>
    <message>
        <source>&amp;Continue</source>
        <translation>继续(&amp;C)</translation>
    </message>
    <message>
        <source>Export Run</source>
        <translation>导出运行</translation>
    </message>
    <message>
        <source>%1 files (*.%1)</source>
        <translation>%1 文件 (*.%1)</translation>
    </message>
    <message>
        <source>Exporting to %1…</source>
        <translation>正在导出到 %1…</translation>
    </message>
    <message>
        <source>Exported to %1</source>
        <translation>已导出到 %1</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>导出(&amp;E)</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>The chosen runs beside each other; choose several with Ctrl or Shift (%1)</source>
        <translation>并排显示所选运行；按住 Ctrl 或 Shift 可选多个（%1）</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>比较(&amp;C)</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Words of a run&apos;s texts, tags and note, and tests of its fields:
%1
and of any setting, as in /optimizer/learning_rate&lt;0.1</source>
        <translation>运行的文字、标签和备注中的词，以及对下列字段的条件：
%1
也可用于任何设置，例如 /optimizer/learning_rate&lt;0.1</translation>
    </message>
    <message>
        <source>Group by</source>
        <translation>分组依据</translation>
    </message>
    <message>
        <source>Runs in groups, each with its mean; any setting can be typed, as /optimizer/momentum</source>
        <translation>将运行分组，每组给出均值；也可以输入任何设置，例如 /optimizer/momentum</translation>
    </message>
    <message>
        <source>No groups</source>
        <translation>不分组</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Tags of the chosen runs</source>
        <translation>所选运行的标签</translation>
    </message>
    <message>
        <source>Tags for the chosen runs: ablation, warm-up; -old takes one away. Return applies.</source>
        <translation>所选运行的标签：消融, 预热；-旧 表示去掉一个标签。按回车键应用。</translation>
    </message>
    <message>
        <source>Run A&amp;gain</source>
        <translation>再次运行(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Tags…</source>
        <translation>标签(&amp;T)…</translation>
    </message>
    <message>
        <source>Pin as &amp;Baseline</source>
        <translation>固定为基线(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Note</source>
        <translation>备注(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>删除(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Import Runs…</source>
        <translation>导入运行(&amp;I)…</translation>
    </message>
    <message>
        <source>&amp;Deleted Runs…</source>
        <translation>已删除的运行(&amp;D)…</translation>
    </message>
    <message>
        <source>&amp;Columns…</source>
        <translation>列(&amp;C)…</translation>
    </message>
    <message>
        <source>Unpin the &amp;Baseline</source>
        <translation>取消固定基线(&amp;B)</translation>
    </message>
    <message>
        <source>Co&amp;lour</source>
        <translation>颜色(&amp;L)</translation>
    </message>
    <message>
        <source>It runs again, as a new run.</source>
        <translation>已作为新的运行再次启动。</translation>
    </message>
    <message>
        <source>Add a Column…</source>
        <translation>添加列…</translation>
    </message>
    <message>
        <source>Add a Column</source>
        <translation>添加列</translation>
    </message>
    <message>
        <source>A setting, as /optimizer/learning_rate, or a final figure, as peak_memory_bytes:</source>
        <translation>一项设置，例如 /optimizer/learning_rate；或一项最终数值，例如 peak_memory_bytes：</translation>
    </message>
    <message>
        <source>Setting or figure</source>
        <translation>设置或数值</translation>
    </message>
    <message>
        <source>Runs cannot be grouped by “%1”: it is no field, and no setting like /model/kind.</source>
        <translation>无法按“%1”对运行分组：它不是字段，也不是像 /model/kind 这样的设置。</translation>
    </message>
    <message>
        <source>Model for the Edge Runtime…</source>
        <translation>用于边缘运行时的模型…</translation>
    </message>
    <message>
        <source>The Whole Run, to Be Imported Elsewhere…</source>
        <translation>完整的运行，可在别处导入…</translation>
    </message>
    <message>
        <source>“%1” is deleted.</source>
        <translation>“%1”已删除。</translation>
    </message>
    <message>
        <source>%1 are deleted.</source>
        <translation>%1已删除。</translation>
    </message>
    <message>
        <source>Import a Run</source>
        <translation>导入运行</translation>
    </message>
    <message>
        <source>Runs (*.concertina-run);;All files (*)</source>
        <translation>运行 (*.concertina-run);;所有文件 (*)</translation>
    </message>
    <message>
        <source>The engine is not there yet; what was to be imported waits for it.</source>
        <translation>引擎尚未就绪；待导入的内容将等待它。</translation>
    </message>
    <message>
        <source>Importing %1…</source>
        <translation>正在导入 %1…</translation>
    </message>
    <message>
        <source>Imported %1.</source>
        <translation>已导入 %1。</translation>
    </message>
    <message>
        <source>%1 was not imported: %2</source>
        <translation>%1 未能导入：%2</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Dataset</source>
        <translation>数据集</translation>
    </message>
    <message>
        <source>Codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation>交换</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作进程</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Export no more; what was written whole stays</source>
        <translation>不再导出；已完整写入的文件保留</translation>
    </message>
    <message>
        <source>Folder for %1</source>
        <translation>用于%1的文件夹</translation>
    </message>
    <message>
        <source>Exporting %1 of %2: %3…</source>
        <translation>正在导出第 %1 个，共 %2 个：%3…</translation>
    </message>
    <message>
        <source>“%1” was not exported: %2</source>
        <extracomment>%1 is the name of a run, %2 what went wrong.</extracomment>
        <translation>“%1”未导出：%2</translation>
    </message>
    <message>
        <source>Cancelled; nothing was exported.</source>
        <translation>已取消；没有导出任何内容。</translation>
    </message>
    <message>
        <source>Cancelled; %1 were exported to %2.</source>
        <translation>已取消；%1已导出到 %2。</translation>
    </message>
    <message>
        <source>%1 of %2 exported to %3. %4</source>
        <translation>%2中的 %1 个已导出到 %3。%4</translation>
    </message>
    <message>
        <source>%1 were exported to %2.</source>
        <translation>%1已导出到 %2。</translation>
    </message>
    <message>
        <source>Make one on the Design page</source>
        <translation>在设计页面上新建一个</translation>
    </message>
    <message>
        <source>Bring back what was deleted last</source>
        <translation>恢复最近删除的内容</translation>
    </message>
    <message>
        <source>“%1” is no figure, and no setting such as /optimizer/learning_rate.</source>
        <translation>“%1”既不是指标，也不是 /optimizer/learning_rate 这样的设置。</translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <extracomment>%1 is a list of names of files, %n how many are left out of it.</extracomment>
        <translation>
            <numerusform>%1，以及另外 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>There already: %1.
Replaced files cannot be brought back. To keep both, the new ones are numbered.</source>
        <extracomment>%1 is a list of names of files.</extracomment>
        <translation>已存在：%1。
被替换的文件无法恢复。若两者都保留，新文件会加上编号。</translation>
    </message>
    <message numerus="yes">
        <source>Replace %n of the files in this folder?</source>
        <translation>
            <numerusform>要替换此文件夹中的 %n 个文件吗？</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Replace</source>
        <translation>替换(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Keep Both</source>
        <translation>两者都保留(&amp;K)</translation>
    </message>
    <message>
        <source>Views, import, deleted runs, note and columns</source>
        <translation>视图、导入、已删除的运行、备注和列</translation>
    </message>
    <message>
        <source>&amp;Views</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>Copy as &amp;JSON</source>
        <translation>复制为 JSON(&amp;J)</translation>
    </message>
    <message>
        <source>Cop&amp;y as Command Line</source>
        <translation>复制为命令行(&amp;Y)</translation>
    </message>
    <message>
        <source>Rena&amp;me</source>
        <translation>重命名(&amp;M)</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>运行的名称</translation>
    </message>
    <message>
        <source>There are %1 views already; forget one first.</source>
        <translation>已有 %1 个视图；请先移除一个。</translation>
    </message>
    <message>
        <source>Save This View…</source>
        <translation>保存此视图…</translation>
    </message>
    <message>
        <source>Copy This View as Text</source>
        <translation>将此视图复制为文本</translation>
    </message>
    <message>
        <source>A view of runs</source>
        <translation>运行视图</translation>
    </message>
    <message>
        <source>The view is on the clipboard; who pastes it sees runs as you do.</source>
        <translation>视图已复制到剪贴板；粘贴它的人会看到与您相同的运行列表。</translation>
    </message>
    <message>
        <source>Paste a View</source>
        <translation>粘贴视图</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Save This View</source>
        <translation>保存此视图</translation>
    </message>
    <message>
        <source>Filter, groups, columns and order, under the name</source>
        <translation>将筛选、分组、列和顺序保存为以下名称</translation>
    </message>
    <message>
        <source>Name of the view</source>
        <translation>视图名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>替换</translation>
    </message>
    <message>
        <source>The experiment is on the clipboard as JSON.</source>
        <translation>实验已以 JSON 形式复制到剪贴板。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SensitivityModel</name>
    <message>
        <source>half pruned</source>
        <translation>剪去一半</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <extracomment>How a layer&apos;s weights are rounded; %1 is 8, 4 or 2.</extracomment>
        <translation>%1 位</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>The only one that is made smaller</source>
        <translation>唯一被压缩的层</translation>
    </message>
    <message>
        <source>Made smaller by</source>
        <translation>压缩方式</translation>
    </message>
    <message>
        <source>What is done to its weights, without training afterwards</source>
        <translation>对其权重所做的处理，之后不再训练</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>百分点</translation>
    </message>
    <message>
        <source>Percentage points of accuracy won (or lost) against the whole model</source>
        <translation>与整个模型相比，准确率增减的百分点</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>On some hundred test samples</source>
        <translation>在数百个测试样本上</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Mean of the same samples</source>
        <translation>同一批样本的平均值</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SeriesChart</name>
    <message>
        <source>Nothing measured yet</source>
        <translation>尚无测量数据</translation>
    </message>
    <message>
        <source>Chart: %1</source>
        <translation>图表：%1</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Sum</source>
        <translation>合计</translation>
    </message>
    <message>
        <source>%1 %2 to %3</source>
        <extracomment>%1 is an axis (&quot;Step&quot;), %2 and %3 the ends of a range on it</extracomment>
        <translation>%1 %2 至 %3</translation>
    </message>
    <message>
        <source>%1 → %2, Δ %3, slope %4</source>
        <extracomment>the value at the start and at the end of a range, their difference, and that by the range&apos;s length</extracomment>
        <translation>%1 → %2，Δ %3，斜率 %4</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SeriesZoom</name>
    <message>
        <source>The engine&apos;s points cannot be read.</source>
        <translation>无法读取引擎给出的数据点。</translation>
    </message>
    <message>
        <source>The engine is not connected.</source>
        <translation>未连接到引擎。</translation>
    </message>
</context>
<context>
    <name>concertina::ui::ShortcutsSheet</name>
    <message>
        <source>Keyboard Shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>In a form</source>
        <translation>在表单中</translation>
    </message>
    <message>
        <source>What the field does</source>
        <translation>字段说明</translation>
    </message>
    <message>
        <source>The next sensible number</source>
        <translation>下一个合适的数值</translation>
    </message>
    <message>
        <source>Leave the presets</source>
        <translation>离开预设</translation>
    </message>
    <message>
        <source>In the table of runs</source>
        <translation>在运行列表中</translation>
    </message>
    <message>
        <source>Compare the chosen runs</source>
        <translation>比较所选运行</translation>
    </message>
    <message>
        <source>Tags of the chosen runs</source>
        <translation>所选运行的标签</translation>
    </message>
    <message>
        <source>Pin as the baseline</source>
        <translation>固定为基线</translation>
    </message>
    <message>
        <source>The note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Into the bin</source>
        <translation>放入回收站</translation>
    </message>
    <message>
        <source>Out of the bin again</source>
        <translation>从回收站取回</translation>
    </message>
    <message>
        <source>A codec up or down its chain</source>
        <translation>编解码器在链中上移或下移</translation>
    </message>
    <message>
        <source>In a chart</source>
        <translation>在图表中</translation>
    </message>
    <message>
        <source>Nearer and farther</source>
        <translation>放大和缩小</translation>
    </message>
    <message>
        <source>Move along, where it is zoomed</source>
        <translation>放大后左右移动</translation>
    </message>
    <message>
        <source>All of it again</source>
        <translation>重新显示全部</translation>
    </message>
    <message>
        <source>The chart to another place</source>
        <translation>把图表移到别处</translation>
    </message>
    <message>
        <source>In the panels</source>
        <extracomment>The key that opens a context menu.</extracomment>
        <translation>在面板中</translation>
    </message>
    <message>
        <source>The next tab</source>
        <translation>下一个标签页</translation>
    </message>
    <message>
        <source>The tab before it</source>
        <translation>上一个标签页</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单键</translation>
    </message>
    <message>
        <source>Of a tab: move, float or hide the panel</source>
        <translation>在标签页上：移动、浮动或隐藏面板</translation>
    </message>
    <message>
        <source>Read values off</source>
        <translation>读取数值</translation>
    </message>
    <message>
        <source>Copy what is read off</source>
        <translation>复制读取的数值</translation>
    </message>
    <message>
        <source>This chart alone, and all of them again</source>
        <translation>仅显示此图，再次显示全部</translation>
    </message>
    <message>
        <source>Rename the run</source>
        <translation>重命名运行</translation>
    </message>
    <message>
        <source>Copy the chosen rows</source>
        <translation>复制所选行</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SpecDifferenceModel</name>
    <message>
        <source>%1 of %2: %3</source>
        <translation>%2 的 %1：%3</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>concertina::ui::StateChip</name>
    <message>
        <source>State: %1</source>
        <translation>状态：%1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepAxisCard</name>
    <message>
        <source>How %1 is varied</source>
        <translation>%1 如何变化</translation>
    </message>
    <message>
        <source>Remove the axis %1</source>
        <translation>移除轴 %1</translation>
    </message>
    <message>
        <source>Remove this axis</source>
        <translation>移除此轴</translation>
    </message>
    <message>
        <source>Values of %1</source>
        <translation>%1 的取值</translation>
    </message>
    <message>
        <source>Ticked</source>
        <translation>勾选</translation>
    </message>
    <message>
        <source>Seeds</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>In steps</source>
        <translation>按步长</translation>
    </message>
    <message>
        <source>Values of %1, with commas between them</source>
        <translation>%1 的取值，以逗号分隔</translation>
    </message>
    <message>
        <source>Values, with commas between them</source>
        <translation>取值，以逗号分隔</translation>
    </message>
    <message>
        <source>A list</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>Drawn from a range</source>
        <translation>从范围中抽取</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>from</source>
        <translation>从</translation>
    </message>
    <message>
        <source>to</source>
        <translation>到</translation>
    </message>
    <message>
        <source>%1: how many values</source>
        <translation>%1：取值个数</translation>
    </message>
    <message>
        <source> values</source>
        <translation> 个值</translation>
    </message>
    <message>
        <source>Logarithmic</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>%1: a grid has every value; only a random search draws.</source>
        <translation>%1：网格使用每个取值；只有随机搜索才抽取。</translation>
    </message>
    <message>
        <source>%1 has no values yet.</source>
        <translation>%1 还没有取值。</translation>
    </message>
    <message>
        <source>%1, %2: %3</source>
        <translation>%1，%2：%3</translation>
    </message>
    <message>
        <source>Each point draws its own value.</source>
        <translation>每个点各自抽取取值。</translation>
    </message>
    <message numerus="yes">
        <source>%n value(s): %1</source>
        <translation>
            <numerusform>%n 个值：%1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepDriver</name>
    <message numerus="yes">
        <source>%1 of %n run(s) are in the queue</source>
        <translation>
            <numerusform>%n 次运行中已有 %1 次进入队列</numerusform>
        </translation>
    </message>
    <message>
        <source>Rung %1 of %2, to %3 epochs: %4 of %5 points are there</source>
        <translation>第 %1 级（共 %2 级），至 %3 轮：%5 个点中已到 %4 个</translation>
    </message>
    <message numerus="yes">
        <source>%n run(s) of the sweep are in the queue; the next was refused: %1</source>
        <translation>
            <numerusform>扫描的 %n 次运行已进入队列；下一个被拒绝：%1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepModel</name>
    <message>
        <source>Test accuracy</source>
        <translation>测试准确率</translation>
    </message>
    <message>
        <source>Test loss</source>
        <translation>测试损失</translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation>训练损失</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Samples a second</source>
        <translation>每秒样本数</translation>
    </message>
    <message>
        <source>Bytes sent</source>
        <translation>发送字节</translation>
    </message>
    <message>
        <source>Payload sent</source>
        <translation>已发送的有效载荷</translation>
    </message>
    <message>
        <source>Compression ratio</source>
        <translation>压缩比</translation>
    </message>
    <message>
        <source>Stopped at %1 epochs</source>
        <translation>在 %1 轮处停止</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepPage</name>
    <message>
        <source>Which setting is best?</source>
        <translation>哪种设置最好？</translation>
    </message>
    <message>
        <source>A sweep runs one experiment with many settings: pick fields and their values, and watch the result grow as a heat map. Begin with the one that comes along, every codec on three links, or with your own experiment.</source>
        <translation>扫描以多种设置运行同一个实验：选择字段及其取值，看结果逐渐成为一张热图。可以从自带的扫描（每种编解码器在三种链路上）开始，也可以从你自己的实验开始。</translation>
    </message>
    <message>
        <source>Compare Codecs</source>
        <translation>比较编解码器</translation>
    </message>
    <message>
        <source>Sweep My Experiment…</source>
        <translation>扫描我的实验…</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>扫描</translation>
    </message>
    <message>
        <source>Stop Sweep</source>
        <translation>停止扫描</translation>
    </message>
    <message>
        <source>No more runs begin, and those that go on are stopped; what they have is kept</source>
        <translation>不再开始新的运行，进行中的将停止；已有的结果保留</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>What has not begun, or was stopped, goes on</source>
        <translation>继续尚未开始或已停止的运行</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>The chosen runs beside each other, or all that have begun</source>
        <translation>并排比较选中的运行，或全部已开始的运行</translation>
    </message>
    <message>
        <source>New Sweep…</source>
        <translation>新建扫描…</translation>
    </message>
    <message>
        <source>Vary another experiment</source>
        <translation>变化另一个实验</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n run(s) have ended</source>
        <translation>
            <numerusform>%n 个运行中已结束 %1 个</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n 个正在运行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n queued</source>
        <translation>
            <numerusform>%n 个排队中</numerusform>
        </translation>
    </message>
    <message>
        <source>The experiment of the Design page</source>
        <translation>设计页的实验</translation>
    </message>
    <message>
        <source>%1 is still being driven: stop it first, or wait until all of its runs are in the queue.</source>
        <translation>%1 仍在进行：请先停止它，或等其所有运行都进入队列。</translation>
    </message>
    <message>
        <source>The sweep runs, but cannot be continued after the window closes: %1</source>
        <translation>扫描正在运行，但窗口关闭后无法继续：%1</translation>
    </message>
    <message>
        <source>The file of this sweep is damaged: %1</source>
        <translation>此扫描的文件已损坏：%1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepResults</name>
    <message>
        <source>%1 by %2</source>
        <translation>%1，按 %2</translation>
    </message>
    <message>
        <source>%1 by %2 and %3</source>
        <translation>%1，按 %2 和 %3</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1: %2, the mean of %3; %4 to %5</source>
        <translation>%1：%2，%3 次的平均；%4 至 %5</translation>
    </message>
    <message numerus="yes">
        <source>%1, %n run(s)</source>
        <translation>
            <numerusform>%1，%n 次运行</numerusform>
        </translation>
    </message>
    <message>
        <source>Runs of the sweep</source>
        <translation>扫描的运行</translation>
    </message>
    <message>
        <source>Nothing is varied in these runs.</source>
        <translation>这些运行之间没有变化的设置。</translation>
    </message>
    <message>
        <source>Co&amp;lour</source>
        <translation>颜色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Across</source>
        <translation>横轴(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Up</source>
        <translation>纵轴(&amp;U)</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Save the picture or its numbers</source>
        <translation>保存图片或其数值</translation>
    </message>
    <message>
        <source>Picture (PNG)…</source>
        <translation>图片 (PNG)…</translation>
    </message>
    <message>
        <source>Picture (SVG)…</source>
        <translation>图片 (SVG)…</translation>
    </message>
    <message>
        <source>Picture (PDF)…</source>
        <translation>图片 (PDF)…</translation>
    </message>
    <message>
        <source>Numbers (CSV)…</source>
        <translation>数值 (CSV)…</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 of the runs that count</source>
        <translation>计入的运行的 %1</translation>
    </message>
    <message>
        <source>all, averaged</source>
        <translation>全部，取平均</translation>
    </message>
    <message>
        <source>Point at a cell to read it; a click chooses its runs below, a double click opens the newest.</source>
        <translation>指向单元格即可读数；单击在下方选中其运行，双击打开最新的一次。</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>已写入：%1</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SweepSetup</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>扫描</translation>
    </message>
    <message>
        <source>Sweep of %1</source>
        <translation>%1 的扫描</translation>
    </message>
    <message>
        <source>The engine is not there yet.</source>
        <translation>引擎尚未就绪。</translation>
    </message>
    <message>
        <source>The name must not be empty, nor have &quot;%1&quot; in it.</source>
        <translation>名称不能为空，也不能包含“%1”。</translation>
    </message>
    <message>
        <source>There is a sweep of this name already; give this one another.</source>
        <translation>已有同名的扫描；请换一个名称。</translation>
    </message>
    <message>
        <source>Choose a field to vary: a double click, or Return, makes it an axis.</source>
        <translation>选择要变化的字段：双击或按回车键，即成为一个轴。</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>……还有 %n 个</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n 次运行</numerusform>
        </translation>
    </message>
    <message>
        <source>as long as %1 whole ones, in %2 rungs</source>
        <translation>分 %2 级，总长相当于 %1 次完整运行</translation>
    </message>
    <message>
        <source>about %1 one after another</source>
        <translation>逐个运行约需 %1</translation>
    </message>
    <message>
        <source>%1 of payload</source>
        <translation>有效载荷 %1</translation>
    </message>
    <message>
        <source>Checking every point…</source>
        <translation>正在检查每个点…</translation>
    </message>
    <message>
        <source>Save the Sweep</source>
        <translation>保存扫描</translation>
    </message>
    <message>
        <source>Sweeps (*.sweep.json)</source>
        <translation>扫描 (*.sweep.json)</translation>
    </message>
    <message>
        <source>Run it with: concertinactl sweep %1</source>
        <translation>运行它：concertinactl sweep %1</translation>
    </message>
    <message>
        <source>Ready: every codec on three links</source>
        <translation>现成：每种编解码器在三种链路上</translation>
    </message>
    <message>
        <source>Ready: which layer can be pruned</source>
        <translation>现成：哪一层可以剪枝</translation>
    </message>
    <message>
        <source>Find a field</source>
        <translation>查找字段</translation>
    </message>
    <message>
        <source>Find a field to vary</source>
        <translation>查找要变化的字段</translation>
    </message>
    <message>
        <source>Fields of the experiment</source>
        <translation>实验的字段</translation>
    </message>
    <message>
        <source>Add as Axis</source>
        <translation>添加为轴</translation>
    </message>
    <message>
        <source>Nothing is varied yet. Choose fields on the left: the learning rate, say, and the codec. Every combination of their values becomes a run.</source>
        <translation>还没有变化的字段。请在左侧选择，例如学习率和编解码器。其取值的每种组合成为一次运行。</translation>
    </message>
    <message>
        <source>Axes</source>
        <translation>轴</translation>
    </message>
    <message>
        <source>Preset: %1</source>
        <translation>预设：%1</translation>
    </message>
    <message>
        <source>Grid: every combination</source>
        <translation>网格：每种组合</translation>
    </message>
    <message>
        <source>Random: drawn points</source>
        <translation>随机：抽取的点</translation>
    </message>
    <message>
        <source>Successive halving: the best go on</source>
        <translation>逐次减半：最好的继续</translation>
    </message>
    <message>
        <source>every combination</source>
        <translation>每种组合</translation>
    </message>
    <message>
        <source>The same number draws the same points</source>
        <translation>相同的数字抽取相同的点</translation>
    </message>
    <message>
        <source>Each point is run with so many seeds; cells show the mean</source>
        <translation>每个点以这么多个种子运行；单元格显示平均值</translation>
    </message>
    <message>
        <source>as many as there are cores for</source>
        <translation>核心数允许的数量</translation>
    </message>
    <message>
        <source>The queue starts runs in order, as long as their threads are no more than the cores; a number here holds it to fewer. With one, the window must stay open.</source>
        <translation>只要线程总数不超过核心数，队列就按顺序启动运行；在此填写数字可使其更少。填写后窗口必须保持打开。</translation>
    </message>
    <message>
        <source>All points train so long; the best share then goes on for as many times longer</source>
        <translation>所有点先训练这么久；其中最好的一部分再按相应倍数继续</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>搜索(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Points</source>
        <translation>点数(&amp;P)</translation>
    </message>
    <message>
        <source>Share that goes &amp;on</source>
        <translation>继续的比例(&amp;O)</translation>
    </message>
    <message>
        <source>Best &amp;by</source>
        <translation>评判依据(&amp;B)</translation>
    </message>
    <message>
        <source>See&amp;ds a point</source>
        <translation>每点的种子数(&amp;D)</translation>
    </message>
    <message>
        <source>Runs at &amp;once</source>
        <translation>同时运行数(&amp;O)</translation>
    </message>
    <message>
        <source>E&amp;xperiment</source>
        <translation>实验(&amp;X)</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>名称(&amp;N)</translation>
    </message>
    <message>
        <source>New Sweep</source>
        <translation>新建扫描</translation>
    </message>
    <message>
        <source>&amp;Launch Sweep</source>
        <translation>启动扫描(&amp;L)</translation>
    </message>
    <message>
        <source>Save &amp;as File…</source>
        <translation>另存为文件(&amp;A)…</translation>
    </message>
    <message>
        <source>F&amp;ields</source>
        <translation>字段(&amp;I)</translation>
    </message>
    <message>
        <source>Seed of the dra&amp;w</source>
        <translation>抽取的种子(&amp;W)</translation>
    </message>
    <message>
        <source>Epochs of the first run&amp;g</source>
        <translation>第一级的轮数(&amp;G)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::TableCopy</name>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
</context>
<context>
    <name>concertina::ui::TimelineChart</name>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>Backward</source>
        <translation>反向</translation>
    </message>
    <message>
        <source>Encode</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Exchange</source>
        <translation>交换</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>检查点</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>评估</translation>
    </message>
    <message>
        <source>Timeline of the ranks</source>
        <translation>各 rank 的时间线</translation>
    </message>
    <message>
        <source>Rank %1</source>
        <translation>rank %1</translation>
    </message>
    <message>
        <source>Rank %1: %2</source>
        <extracomment>%1 is a rank, %2 what it does</extracomment>
        <translation>rank %1：%2</translation>
    </message>
    <message>
        <source>micro-batch %1</source>
        <translation>微批次 %1</translation>
    </message>
    <message>
        <source>number %1</source>
        <translation>编号 %1</translation>
    </message>
    <message>
        <source>step %1, %2 long, at %3</source>
        <translation>第 %1 步，历时 %2，始于 %3</translation>
    </message>
    <message>
        <source>%1 to %2. %3</source>
        <extracomment>the two ends of what is in sight, and the bar in its middle</extracomment>
        <translation>%1 至 %2。%3</translation>
    </message>
</context>
<context>
    <name>concertina::ui::Tour</name>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Tour</source>
        <translation>导览</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>第 %1 步，共 %2 步</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
</context>
<context>
    <name>concertina::ui::WorkersModel</name>
    <message>
        <source>Joining</source>
        <translation>加入中</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>Place on the mesh: data · pipeline · tensor</source>
        <translation>在网格中的位置：数据 · 流水线 · 张量</translation>
    </message>
    <message>
        <source>Steps behind the furthest rank</source>
        <translation>落后于最快 rank 的步数</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rank</translation>
    </message>
    <message>
        <source>Mesh</source>
        <translation>网格</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步数</translation>
    </message>
    <message>
        <source>Behind</source>
        <translation>落后</translation>
    </message>
    <message>
        <source>Process</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>Last words</source>
        <translation>最后输出</translation>
    </message>
</context>
</TS>
