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
    <message>
        <source>workers and their centre exchange differences of parameters, not gradients: what a codec leaves of those is not measured by layer</source>
        <translation>工作进程与它们的中心交换的是参数的差值而不是梯度：编解码器从中留下的部分不按层测量</translation>
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
    <name>Core</name>
    <message>
        <source>%1: %2</source>
        <extracomment>a place in an experiment or a file, and what is wrong there</extracomment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1.</source>
        <extracomment>the end of a sentence</extracomment>
        <translation>%1。</translation>
    </message>
    <message>
        <source>%1; %2</source>
        <extracomment>two sentences that belong together</extracomment>
        <translation>%1；%2</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <extracomment>two sentences, each with its full stop</extracomment>
        <translation>%1%2</translation>
    </message>
    <message>
        <source>opening %1: %2</source>
        <translation>打开 %1：%2</translation>
    </message>
    <message>
        <source>reading %1: %2</source>
        <translation>读取 %1：%2</translation>
    </message>
    <message>
        <source>writing %1: %2</source>
        <translation>写入 %1：%2</translation>
    </message>
    <message>
        <source>making folder %1: %2</source>
        <translation>创建文件夹 %1：%2</translation>
    </message>
    <message>
        <source>making %1: %2</source>
        <translation>创建 %1：%2</translation>
    </message>
    <message>
        <source>looking at %1: %2</source>
        <translation>查看 %1：%2</translation>
    </message>
    <message>
        <source>starting %1: %2</source>
        <translation>启动 %1：%2</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>没有这样的文件或文件夹</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>没有权限</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>设备上没有剩余空间</translation>
    </message>
    <message>
        <source>Disk quota exceeded</source>
        <translation>超出磁盘配额</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>是文件夹</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>不是文件夹</translation>
    </message>
    <message>
        <source>Connection refused</source>
        <translation>连接被拒绝</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>打开的文件过多</translation>
    </message>
    <message>
        <source>%1 shows another host key than the one that is known: it was installed anew, or somebody stands in between. Nothing was sent there. If you know that it is right, remove the old key (ssh-keygen -R %2) and connect once by hand to check the new one</source>
        <translation>%1 出示的主机密钥与已知的不同：它重新安装过，或有人在中间。没有向它发送任何内容。若确知无误，请删除旧密钥（ssh-keygen -R %2），并手动连接一次以核对新密钥</translation>
    </message>
    <message>
        <source>%1 is not known yet: connect to it once by hand (ssh %2) and check its key, or name a file with its key as &quot;known_hosts&quot;</source>
        <translation>%1 尚属未知：请手动连接一次（ssh %2）并核对其密钥，或在“known_hosts”中给出含其密钥的文件</translation>
    </message>
    <message>
        <source>the host key of %1 could not be checked: connect to it once by hand (ssh %2)</source>
        <translation>无法核对 %1 的主机密钥：请手动连接一次（ssh %2）</translation>
    </message>
    <message>
        <source>%1 does not let you in: the engine can give no password, so put a key there (ssh-copy-id %2), name it as &quot;key&quot;, and keep one with a passphrase in an agent that the engine&apos;s environment knows (SSH_AUTH_SOCK)</source>
        <translation>%1 不允许登录：引擎无法给出密码，请在那里放置密钥（ssh-copy-id %2），在“key”中给出它；带口令的密钥请放在引擎环境所知的代理中（SSH_AUTH_SOCK）</translation>
    </message>
    <message>
        <source>%1 was offered too many keys that it does not want: name the right one as &quot;key&quot;</source>
        <translation>向 %1 提供了过多它不要的密钥：请在“key”中给出正确的一个</translation>
    </message>
    <message>
        <source>%1 did not answer in time: is it on, is the name or address right, and does a firewall let ssh through (port %2)?</source>
        <translation>%1 未及时应答：它是否开机，名称或地址是否正确，防火墙是否放行 ssh（端口 %2）？</translation>
    </message>
    <message>
        <source>%1 runs no ssh server that answers on port %2</source>
        <translation>%1 没有在端口 %2 应答的 ssh 服务器</translation>
    </message>
    <message>
        <source>the name %1 means nothing here: check &quot;host&quot; (and &quot;jump&quot;)</source>
        <translation>名称 %1 在这里无法解析：请检查“host”（和“jump”）</translation>
    </message>
    <message>
        <source>no way leads to %1 from here: is it on, and in the same network?</source>
        <translation>从这里无法到达 %1：它是否开机，且在同一网络？</translation>
    </message>
    <message>
        <source>no way leads to %1 from here: is this machine connected?</source>
        <translation>从这里无法到达 %1：本机是否已联网？</translation>
    </message>
    <message>
        <source>the disk of %1 is full (%2)</source>
        <translation>%1 的磁盘已满（%2）</translation>
    </message>
    <message>
        <source>%1 cannot be written to (%2): name another &quot;folder&quot;</source>
        <translation>无法写入 %1（%2）：请另给“folder”</translation>
    </message>
    <message>
        <source>the working folder cannot be made on %1 (%2): name another &quot;folder&quot;</source>
        <translation>无法在 %1 上创建工作文件夹（%2）：请另给“folder”</translation>
    </message>
    <message>
        <source>%1 closed the connection (%2)</source>
        <translation>%1 关闭了连接（%2）</translation>
    </message>
    <message>
        <source>%1 fell silent; the connection was given up</source>
        <translation>%1 没有了消息；已放弃连接</translation>
    </message>
    <message>
        <source>the connection to %1 was lost; the last that was heard: %2</source>
        <translation>与 %1 的连接中断；最后收到：%2</translation>
    </message>
    <message>
        <source>the connection to %1 was lost</source>
        <translation>与 %1 的连接中断</translation>
    </message>
    <message>
        <source>%1 has no program &quot;%2&quot;; install Concertina there, or leave &quot;program&quot; out: then the engine&apos;s own is copied</source>
        <translation>%1 没有程序“%2”；请在那里安装 Concertina，或去掉“program”：那时会复制引擎自己的</translation>
    </message>
    <message>
        <source>the concertina-worker of %1 is of version %2, the engine of %3: install the same there, or leave &quot;program&quot; out: then the engine&apos;s own is copied</source>
        <translation>%1 的 concertina-worker 版本为 %2，引擎为 %3：请在那里安装相同版本，或去掉“program”：那时会复制引擎自己的</translation>
    </message>
    <message>
        <source>%1 lacks a library that concertina-worker needs (%2): install Concertina there, or its packages (packaging/setup)</source>
        <translation>%1 缺少 concertina-worker 所需的库（%2）：请在那里安装 Concertina 或其软件包（packaging/setup）</translation>
    </message>
    <message>
        <source>concertina-worker was built for another processor than that of %1: install it there and name it as &quot;program&quot;</source>
        <translation>concertina-worker 是为与 %1 不同的处理器构建的：请在那里安装，并在“program”中给出</translation>
    </message>
    <message>
        <source>Rank %1 waits %2 s for you to start it, on a machine that has a kit. `concertinactl workers lines %3` gives the line; it holds a token and is kept nowhere.</source>
        <translation>rank %1 等待 %2 s，请在有凭证包的机器上启动它。`concertinactl workers lines %3` 给出命令行；其中含令牌，不在任何地方保留。</translation>
    </message>
    <message>
        <source>Rank %1 waits %2 s for you to start it on this machine (the engine has no port for others). `concertinactl workers lines %3` gives the line; it holds a token and is kept nowhere.</source>
        <translation>rank %1 等待 %2 s，请在本机启动它（引擎没有供其他机器使用的端口）。`concertinactl workers lines %3` 给出命令行；其中含令牌，不在任何地方保留。</translation>
    </message>
    <message>
        <source>Rank %1 waits %2 s for you to start it. `concertinactl workers lines %3` gives the line; it holds a token and is kept nowhere.</source>
        <translation>rank %1 等待 %2 s，请启动它。`concertinactl workers lines %3` 给出命令行；其中含令牌，不在任何地方保留。</translation>
    </message>
    <message>
        <source>Ranks %1 to %2 wait %3 min for you to start them: %4. The file holds secrets. In the end: kubectl delete -f &quot;%5&quot;</source>
        <translation>rank %1 到 %2 等待 %3 分钟，请启动它们：%4。该文件含机密。结束后：kubectl delete -f &quot;%5&quot;</translation>
    </message>
    <message>
        <source>Rank %1&apos;s token came once more, from somebody with another certificate than the worker that used it, and was refused. The line may have been copied.</source>
        <translation>rank %1 的令牌再次出现，来者的证书与用过它的工作进程不同，已拒绝。命令行可能已被复制。</translation>
    </message>
    <message>
        <source>pods cannot reach the engine: it has no port for workers elsewhere (start it with --listen and --kit)</source>
        <translation>pod 无法到达引擎：它没有供别处工作进程使用的端口（请以 --listen 和 --kit 启动它）</translation>
    </message>
    <message>
        <source>kubectl refused: %1</source>
        <translation>kubectl 拒绝：%1</translation>
    </message>
    <message>
        <source>kubectl did not end within %1 s</source>
        <translation>kubectl 未在 %1 s 内结束</translation>
    </message>
    <message>
        <source>sbatch did not answer in time: is slurmctld running?</source>
        <translation>sbatch 未及时应答：slurmctld 是否在运行？</translation>
    </message>
    <message>
        <source>sbatch did not answer within %1 s: is slurmctld running?</source>
        <translation>sbatch 未在 %1 s 内应答：slurmctld 是否在运行？</translation>
    </message>
    <message>
        <source>Slurm job %1: queued at Slurm</source>
        <translation>Slurm 作业 %1：已在 Slurm 排队</translation>
    </message>
    <message>
        <source>Slurm job %1: Slurm answers again</source>
        <translation>Slurm 作业 %1：Slurm 又有应答</translation>
    </message>
    <message>
        <source>Slurm has not ended job %1 within %2 s; look at it with squeue --job %3</source>
        <translation>Slurm 未在 %2 s 内结束作业 %1；请用 squeue --job %3 查看</translation>
    </message>
    <message>
        <source>%1 has no concertina-worker that can be run where &quot;program&quot; says (%2)</source>
        <translation>%1 上“program”所指之处没有可运行的 concertina-worker（%2）</translation>
    </message>
    <message>
        <source>%1 was not ready %2 s after the connection was begun</source>
        <translation>连接开始 %2 s 后 %1 仍未就绪</translation>
    </message>
    <message>
        <source>%1 did not answer within %2 s while it was made ready</source>
        <translation>准备 %1 时它未在 %2 s 内应答</translation>
    </message>
    <message>
        <source>The run was paused.</source>
        <translation>运行已暂停。</translation>
    </message>
    <message>
        <source>The run goes on.</source>
        <translation>运行继续。</translation>
    </message>
    <message>
        <source>The run is %1.</source>
        <translation>运行%1。</translation>
    </message>
    <message>
        <source>The run goes on from step %1: %2.</source>
        <translation>运行从第 %1 步继续：%2。</translation>
    </message>
    <message>
        <source>the checkpoint before step %1 is passed over: %2</source>
        <translation>跳过第 %1 步之前的检查点：%2</translation>
    </message>
    <message>
        <source>This run goes on from step %1 of %2.</source>
        <translation>此运行从 %2 的第 %1 步继续。</translation>
    </message>
    <message>
        <source>A checkpoint was written before step %1.</source>
        <translation>已在第 %1 步之前写入检查点。</translation>
    </message>
    <message>
        <source>Measurements are stored again.</source>
        <translation>测量数据又可保存。</translation>
    </message>
    <message>
        <source>Measurements cannot be stored, and are kept until they can: %1</source>
        <translation>测量数据无法保存，暂存直到可以保存：%1</translation>
    </message>
    <message>
        <source>%1 could not be changed: %2</source>
        <translation>%1 未能更改：%2</translation>
    </message>
    <message>
        <source>%1 is %2 from step %3 on.</source>
        <translation>%1 从第 %3 步起为 %2。</translation>
    </message>
    <message>
        <source>This exchange trains in rounds: there is no gradient of a step to count.</source>
        <translation>此交换方式按通信轮训练：没有可统计的单步梯度。</translation>
    </message>
    <message>
        <source>The gradient of step %1 was counted: %2 elements.</source>
        <translation>已统计第 %1 步的梯度：%2 个元素。</translation>
    </message>
    <message>
        <source>A timeline was recorded: %1 spans of %2 rank.</source>
        <translation>已记录时间线：%2 个 rank 的 %1 个区段。</translation>
    </message>
    <message>
        <source>A timeline was recorded: %1 spans of %2 ranks.</source>
        <translation>已记录时间线：%2 个 rank 的 %1 个区段。</translation>
    </message>
    <message>
        <source>A timeline could not be stored: %1</source>
        <translation>时间线无法保存：%1</translation>
    </message>
    <message>
        <source>Slow motion began: each message waits for its turn.</source>
        <translation>慢动作开始：每条消息等待轮到自己。</translation>
    </message>
    <message>
        <source>Slow motion ended, %1: %2 message had gone one at a time.</source>
        <translation>慢动作结束（%1）：已有 %2 条消息逐一发出。</translation>
    </message>
    <message>
        <source>Slow motion ended, %1: %2 messages had gone one at a time.</source>
        <translation>慢动作结束（%1）：已有 %2 条消息逐一发出。</translation>
    </message>
    <message>
        <source>since nobody let a message go for %1 s</source>
        <translation>因 %1 s 内无人放行消息</translation>
    </message>
    <message>
        <source>since the group changes</source>
        <translation>因组有变化</translation>
    </message>
    <message>
        <source>since the run is to pause</source>
        <translation>因运行要暂停</translation>
    </message>
    <message>
        <source>since the run is to stop</source>
        <translation>因运行要停止</translation>
    </message>
    <message>
        <source>It was taken in from another home.</source>
        <translation>从另一主目录导入。</translation>
    </message>
    <message>
        <source>By /faults/%1: %2</source>
        <translation>由 /faults/%1：%2</translation>
    </message>
    <message>
        <source>over: %1</source>
        <translation>结束：%1</translation>
    </message>
    <message>
        <source>not so, %1</source>
        <translation>未执行，%1</translation>
    </message>
    <message>
        <source>rank %1 is killed</source>
        <translation>rank %1 被杀死</translation>
    </message>
    <message>
        <source>rank %1 is frozen</source>
        <translation>rank %1 被冻结</translation>
    </message>
    <message>
        <source>rank %1 is frozen for %2 s</source>
        <translation>rank %1 被冻结 %2 s</translation>
    </message>
    <message>
        <source>rank %1 is frozen until step %2</source>
        <translation>rank %1 被冻结，直到第 %2 步</translation>
    </message>
    <message>
        <source>rank %1 is slow until step %2: computing takes %3 times as long, %4 ms more a step</source>
        <translation>rank %1 变慢，直到第 %2 步：计算用时为 %3 倍，每步多 %4 ms</translation>
    </message>
    <message>
        <source>rank %1 is slow until step %2: computing takes %3 times as long</source>
        <translation>rank %1 变慢，直到第 %2 步：计算用时为 %3 倍</translation>
    </message>
    <message>
        <source>rank %1 is slow until step %2: %3 ms more a step</source>
        <translation>rank %1 变慢，直到第 %2 步：每步多 %3 ms</translation>
    </message>
    <message>
        <source>rank %1 is slow for %2 s: computing takes %3 times as long</source>
        <translation>rank %1 变慢 %2 s：计算用时为 %3 倍</translation>
    </message>
    <message>
        <source>rank %1 is slow: computing takes %2 times as long, %3 ms more a step</source>
        <translation>rank %1 变慢：计算用时为 %2 倍，每步多 %3 ms</translation>
    </message>
    <message>
        <source>rank %1 is slow: computing takes %2 times as long</source>
        <translation>rank %1 变慢：计算用时为 %2 倍</translation>
    </message>
    <message>
        <source>rank %1 is slow: %2 ms more a step</source>
        <translation>rank %1 变慢：每步多 %2 ms</translation>
    </message>
    <message>
        <source>%1 loses %2 % of its messages until step %3</source>
        <translation>%1丢失 %2 % 的消息，直到第 %3 步</translation>
    </message>
    <message>
        <source>%1 loses %2 % of its messages for %3 s</source>
        <translation>%1丢失 %2 % 的消息，持续 %3 s</translation>
    </message>
    <message>
        <source>%1 loses %2 % of its messages</source>
        <translation>%1丢失 %2 % 的消息</translation>
    </message>
    <message>
        <source>every link</source>
        <translation>每条链路</translation>
    </message>
    <message>
        <source>every link of rank %1</source>
        <translation>rank %1 的每条链路</translation>
    </message>
    <message>
        <source>the link of ranks %1 and %2</source>
        <translation>rank %1 与 %2 之间的链路</translation>
    </message>
    <message>
        <source>rank %1 is cut off from the others</source>
        <translation>rank %1 与其余 rank 断开</translation>
    </message>
    <message>
        <source>rank %1 is cut off from the others for %2 s</source>
        <translation>rank %1 与其余 rank 断开 %2 s</translation>
    </message>
    <message>
        <source>ranks %1 are cut off from the others</source>
        <translation>rank %1 与其余 rank 断开</translation>
    </message>
    <message>
        <source>ranks %1 are cut off from the others for %2 s</source>
        <translation>rank %1 与其余 rank 断开 %2 s</translation>
    </message>
    <message>
        <source>rank %1 goes on</source>
        <translation>rank %1 继续</translation>
    </message>
    <message>
        <source>what the run that is forked has, %1: its checkpoint fits no other</source>
        <translation>与被分叉的运行相同，即 %1：其检查点不适合其他值</translation>
    </message>
    <message>
        <source>%1 workers, as many as wrote the checkpoint</source>
        <translation>%1 个工作进程，与写检查点时一样多</translation>
    </message>
    <message>
        <source>%1 steps in all</source>
        <translation>共 %1 步</translation>
    </message>
    <message>
        <source>more than the %1 that the checkpoint has behind it</source>
        <translation>多于检查点已完成的 %1 步</translation>
    </message>
    <message>
        <source>a field of %1: %2</source>
        <translation>%1 的字段：%2</translation>
    </message>
    <message>
        <source>a sweep</source>
        <translation>扫描</translation>
    </message>
    <message>
        <source>an axis</source>
        <translation>轴</translation>
    </message>
    <message>
        <source>how many points are drawn</source>
        <translation>抽取多少个点</translation>
    </message>
    <message>
        <source>whether a round trains from the beginning, or goes on from the last</source>
        <translation>每一回合是从头训练，还是接着上一回合</translation>
    </message>
    <message>
        <source>the epochs of the first round, a number above 0</source>
        <translation>第一回合的轮数，大于 0 的数</translation>
    </message>
    <message>
        <source>the field of the experiment that is varied</source>
        <translation>实验中要变化的字段</translation>
    </message>
    <message>
        <source>a file that can be read (%1)</source>
        <translation>可读的文件（%1）</translation>
    </message>
    <message>
        <source>an experiment {…}, or the path of its file</source>
        <translation>实验 {…}，或其文件的路径</translation>
    </message>
    <message>
        <source>a list of 1 to %1 like %2</source>
        <translation>1 到 %1 项的列表，形如 %2</translation>
    </message>
    <message>
        <source>a list of 1 to %1 values, or of {&quot;label&quot;, &quot;value&quot;}</source>
        <translation>1 到 %1 个值的列表，或 {&quot;label&quot;, &quot;value&quot;} 的列表</translation>
    </message>
    <message>
        <source>%1 again</source>
        <translation>%1 重复</translation>
    </message>
    <message>
        <source>each field on one axis</source>
        <translation>每个字段只在一个轴上</translation>
    </message>
    <message>
        <source>an object with a &quot;kind&quot;, one of %1</source>
        <translation>带 &quot;kind&quot; 的对象，kind 为下列之一：%1</translation>
    </message>
    <message>
        <source>&quot;values&quot;: a grid tries each; or the search &quot;random&quot;</source>
        <translation>&quot;values&quot;：网格会逐一尝试；或用搜索 &quot;random&quot;</translation>
    </message>
    <message>
        <source>&quot;values&quot;, or /search/samples</source>
        <translation>&quot;values&quot;，或 /search/samples</translation>
    </message>
    <message>
        <source>another field: successive halving sets the epochs itself</source>
        <translation>另一字段：逐次减半会自行设定轮数</translation>
    </message>
    <message>
        <source>a /target_accuracy beside it, or another figure</source>
        <translation>旁边给出 /target_accuracy，或改用另一指标</translation>
    </message>
    <message>
        <source>test_accuracy, test_loss or train_loss, which a run has at every round; or /search/rounds &quot;anew&quot;</source>
        <translation>test_accuracy、test_loss 或 train_loss，运行在每一回合都有；或 /search/rounds 为 &quot;anew&quot;</translation>
    </message>
    <message>
        <source>more than %1 runs</source>
        <translation>超过 %1 个运行</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 个运行</translation>
    </message>
    <message>
        <source>at most %1: fewer values or repeats, or a random search</source>
        <translation>不超过 %1：请减少取值或重复次数，或用随机搜索</translation>
    </message>
    <message>
        <source>a JSON pointer into the experiment, like &quot;/optimizer/learning_rate&quot;</source>
        <translation>指向实验的 JSON 指针，如 &quot;/optimizer/learning_rate&quot;</translation>
    </message>
    <message>
        <source>another field: each run is named after the sweep and its point</source>
        <translation>另一字段：每个运行按扫描及其点命名</translation>
    </message>
    <message>
        <source>one line of 1 to %1 bytes</source>
        <translation>1 到 %1 字节的单行文本</translation>
    </message>
    <message>
        <source>values and labels that differ: {&quot;label&quot;: …, &quot;value&quot;: …} names one</source>
        <translation>互不相同的取值和标签：用 {&quot;label&quot;: …, &quot;value&quot;: …} 命名</translation>
    </message>
    <message>
        <source>more than %1</source>
        <translation>大于 %1</translation>
    </message>
    <message>
        <source>a number above 0, or &quot;uniform&quot;: zero has no logarithm</source>
        <translation>大于 0 的数，或 &quot;uniform&quot;：零没有对数</translation>
    </message>
    <message>
        <source>both values and a range</source>
        <translation>既有取值又有范围</translation>
    </message>
    <message>
        <source>neither values nor a range</source>
        <translation>既无取值又无范围</translation>
    </message>
    <message>
        <source>&quot;values&quot;, or a &quot;distribution&quot; with &quot;minimum&quot; and &quot;maximum&quot;</source>
        <translation>&quot;values&quot;，或带 &quot;minimum&quot; 和 &quot;maximum&quot; 的 &quot;distribution&quot;</translation>
    </message>
    <message>
        <source>a bound beside values</source>
        <translation>取值旁又有界限</translation>
    </message>
    <message>
        <source>a &quot;distribution&quot; that is &quot;uniform&quot; or &quot;log-uniform&quot;, or no bound</source>
        <translation>&quot;uniform&quot; 或 &quot;log-uniform&quot; 的 &quot;distribution&quot;，或不给界限</translation>
    </message>
    <message>
        <source>more than 0 and at most %1, so that the first round has a %2</source>
        <translation>大于 0 且不超过 %1，使第一回合有 %2</translation>
    </message>
    <message>
        <source>at most %1, the experiment&apos;s /training/epochs</source>
        <translation>不超过 %1，即实验的 /training/epochs</translation>
    </message>
    <message>
        <source>%1 bad points</source>
        <translation>%1 个有误的点</translation>
    </message>
    <message>
        <source>nothing: %1 packs the bytes of all, and is the last</source>
        <translation>无：%1 打包前面所有的字节，须是最后一个</translation>
    </message>
    <message>
        <source>one that remembers: what is not sent is kept once; take one of them away</source>
        <translation>一个有记忆的编解码器：未发送的只保留一次；请去掉其中之一</translation>
    </message>
    <message>
        <source>it as the first: it remembers what all others lose</source>
        <translation>它在最前：它记住其余各个损失的内容</translation>
    </message>
    <message>
        <source>one sparsifier: the places of the second would be lost; take one away</source>
        <translation>一个稀疏化器：第二个的位置会丢失；请去掉一个</translation>
    </message>
    <message>
        <source>it before the codec, which carries the values that it chooses</source>
        <translation>它在编解码器之前，由后者承载它选出的值</translation>
    </message>
    <message>
        <source>one codec of values, which what follows would have to take as numbers; a lossless stage like zstd takes bytes</source>
        <translation>一个对值编码的编解码器，其后的须把结果当作数处理；zstd 之类的无损级处理的是字节</translation>
    </message>
    <message>
        <source>a codec that loses less than it is given: the error of %1 may be %2 times the square of what %3 remembers and adds again</source>
        <translation>损失小于输入的编解码器：%1 的误差可达 %3 所记忆并再次加上的量之平方的 %2 倍</translation>
    </message>
    <message>
        <source>it without a sparsifier: all ranks take one of what each sent of an element, and they would send different elements</source>
        <translation>它不与稀疏化器同用：所有 rank 从各自对同一元素发送的内容中取一个，而它们会发送不同的元素</translation>
    </message>
    <message>
        <source>false: %1 remembers already what is not sent</source>
        <translation>false：%1 已记住未发送的内容</translation>
    </message>
    <message>
        <source>false: the values of %1 change their places from step to step, and what is lost of them waits in its error_feedback</source>
        <translation>false：%1 的值每步位置不同，其中损失的部分留在它的 error_feedback 里</translation>
    </message>
    <message>
        <source>%1 after %2</source>
        <translation>%2 之后的 %1</translation>
    </message>
    <message>
        <source>letters, digits and %1 that do not begin with &quot;-&quot;</source>
        <translation>字母、数字和 %1，且不以 &quot;-&quot; 开头</translation>
    </message>
    <message>
        <source>a path without quotes and control characters</source>
        <translation>不含引号和控制字符的路径</translation>
    </message>
    <message>
        <source>a path that begins with / or ~/, without quotes, &quot;\&quot;, &quot;%&quot;, &quot;#&quot; and control characters</source>
        <translation>以 / 或 ~/ 开头的路径，不含引号、&quot;\&quot;、&quot;%&quot;、&quot;#&quot; 和控制字符</translation>
    </message>
    <message>
        <source>options of sbatch in their long form, as --constraint=avx2, with values of letters, digits and =-_.,:;/+*&amp;|()[]@!&lt;&gt;</source>
        <translation>sbatch 的长选项，如 --constraint=avx2，取值由字母、数字和 =-_.,:;/+*&amp;|()[]@!&lt;&gt; 组成</translation>
    </message>
    <message>
        <source>an option that the engine does not set itself</source>
        <translation>引擎自己不设置的选项</translation>
    </message>
    <message>
        <source>at most the number of workers, %1</source>
        <translation>不超过工作进程数 %1</translation>
    </message>
    <message>
        <source>the name of a container image, as registry.lab/concertina:1</source>
        <translation>容器镜像的名称，如 registry.lab/concertina:1</translation>
    </message>
    <message>
        <source>lower-case letters, digits and &quot;-&quot;, at most 63</source>
        <translation>小写字母、数字和 &quot;-&quot;，最多 63 个</translation>
    </message>
    <message>
        <source>a quantity like 2Gi or 500M</source>
        <translation>形如 2Gi 或 500M 的数量</translation>
    </message>
    <message>
        <source>a program of the image</source>
        <translation>镜像中的程序</translation>
    </message>
    <message>
        <source>a path on the other machine</source>
        <translation>另一台机器上的路径</translation>
    </message>
    <message>
        <source>the folder of a start-up kit for workers</source>
        <translation>工作进程凭证包所在的文件夹</translation>
    </message>
    <message>
        <source>a closing &quot; and no NUL</source>
        <translation>右引号 &quot;，且不含 NUL</translation>
    </message>
    <message>
        <source>single is for one worker, there are %1; take all-reduce or parameter-server</source>
        <translation>single 只用于一个工作进程，而现有 %1 个；请改用 all-reduce 或 parameter-server</translation>
    </message>
    <message>
        <source>%1; false, or another codec</source>
        <translation>%1；请设为 false，或改用另一编解码器</translation>
    </message>
    <message>
        <source>the codec&apos;s momentum would act again at every hop</source>
        <translation>编解码器的动量会在每一跳再次作用</translation>
    </message>
    <message>
        <source>what the codec sends is to be added up over the steps by who receives it, and a hop passes on</source>
        <translation>编解码器发送的内容须由接收者逐步累加，而中间一跳只转发</translation>
    </message>
    <message>
        <source>a vote is taken of all ranks&apos; payloads, and a hop has but a sum of some</source>
        <translation>表决须取所有 rank 的载荷，而中间一跳只有其中一部分之和</translation>
    </message>
    <message>
        <source>every hop would add the optimiser&apos;s momentum again</source>
        <translation>每一跳都会再次加上优化器的动量</translation>
    </message>
    <message>
        <source>%1 shards of %2 parameters; take fewer</source>
        <translation>%1 个分片，而参数只有 %2 个；请减少分片</translation>
    </message>
    <message>
        <source>%1 for %2 dedicated servers; each server needs at least one shard: take %3 or more, or fewer servers</source>
        <translation>%1 个，而专用服务器有 %2 个；每个服务器至少需要一个分片：请取 %3 个或更多，或减少服务器</translation>
    </message>
    <message>
        <source>%1 for %2 dedicated servers; each server needs at least one shard</source>
        <translation>%1 个，而专用服务器有 %2 个；每个服务器至少需要一个分片</translation>
    </message>
    <message>
        <source>%1 with mode &quot;%2&quot;, which waits for nobody&apos;s gradient; only &quot;sync&quot; has late ones to drop</source>
        <translation>%1 个，而模式“%2”不等待任何梯度；只有“sync”才有迟到的梯度可丢弃</translation>
    </message>
    <message>
        <source>%1 of %2 workers; at least one gradient must be waited for: take at most %3</source>
        <translation>%2 个工作进程中的 %1 个；至少要等待一个梯度：请取不超过 %3</translation>
    </message>
    <message>
        <source>with %1 servers answer with parameters, of which a codec of gradients would lose what nothing gives back; false, or mode &quot;sync&quot; without backup workers</source>
        <translation>用%1时服务器以参数应答，梯度编解码器对其造成的损失无从补回；请设为 false，或用没有后备工作进程的“sync”模式</translation>
    </message>
    <message>
        <source>mode &quot;%1&quot;</source>
        <translation>模式“%1”</translation>
    </message>
    <message>
        <source>backup workers</source>
        <translation>后备工作进程</translation>
    </message>
    <message>
        <source>servers would use the codec of /gradient too, and %1; false, or another codec</source>
        <translation>服务器也会使用 /gradient 的编解码器，而%1；请设为 false，或改用另一编解码器</translation>
    </message>
    <message>
        <source>its momentum would act twice</source>
        <translation>它的动量会作用两次</translation>
    </message>
    <message>
        <source>who receives adds up what one worker sends, not what both do</source>
        <translation>接收者累加的是一个工作进程发送的内容，而非双方的</translation>
    </message>
    <message>
        <source>the mean of a synchronous step has no staleness; set it to &quot;none&quot;, or mode to &quot;async&quot; or &quot;stale-synchronous&quot;</source>
        <translation>同步步的平均值没有陈旧度；请设为“none”，或把模式设为“async”或“stale-synchronous”</translation>
    </message>
    <message>
        <source>&quot;%1&quot; does not average gradients in step; take all-reduce or parameter-server</source>
        <translation>“%1”不会步调一致地平均梯度；请改用 all-reduce 或 parameter-server</translation>
    </message>
    <message>
        <source>%1 clients cannot share %2 training samples: each needs at least one; take fewer clients</source>
        <translation>%1 个客户端无法分 %2 个训练样本：每个至少需要一个；请减少客户端</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is not an edge; expected two ranks like 0-1, edges parted by commas</source>
        <translation>“%1”不是边；应为两个 rank，如 0-1，边之间用逗号分隔</translation>
    </message>
    <message>
        <source>&quot;%1&quot; names rank %2, expected ranks from 0 to %3</source>
        <translation>“%1”中有 rank %2，应为 0 到 %3 的 rank</translation>
    </message>
    <message>
        <source>&quot;%1&quot; joins rank %2 with itself, expected two different ranks</source>
        <translation>“%1”把 rank %2 与自身相连，应为两个不同的 rank</translation>
    </message>
    <message>
        <source>&quot;%1&quot; stands twice; leave one out</source>
        <translation>“%1”出现两次；请去掉一个</translation>
    </message>
    <message>
        <source>a hypercube has a power of two of workers, found %1; take %2 or %3 workers, or another graph such as torus</source>
        <translation>hypercube 的工作进程数须为 2 的幂，实为 %1；请取 %2 或 %3 个工作进程，或改用 torus 等其他图</translation>
    </message>
    <message>
        <source>there is no graph &quot;%1&quot;</source>
        <translation>没有名为“%1”的图</translation>
    </message>
    <message>
        <source>no way leads from rank 0 to rank %1, so they would never agree; add an edge such as 0-%2</source>
        <translation>从 rank 0 到 rank %1 没有通路，它们永远不会一致；请加一条边，如 0-%2</translation>
    </message>
    <message>
        <source>%1 workers, expected 1 to %2</source>
        <translation>%1 个工作进程，应为 1 到 %2 个</translation>
    </message>
    <message>
        <source>edges are given, but /exchange/graph is &quot;%1&quot;; make it &quot;edges&quot;, or leave them out</source>
        <translation>给出了边，而 /exchange/graph 为“%1”；请改为“edges”，或去掉这些边</translation>
    </message>
    <message>
        <source>%1: cannot change while a run goes; start another run</source>
        <translation>%1：运行期间不能更改；请另启运行</translation>
    </message>
    <message>
        <source>cannot change while a run goes; start another run</source>
        <translation>运行期间不能更改；请另启运行</translation>
    </message>
    <message>
        <source>a multiple of the %1 stages, like %2: interleaved micro-batches go in groups of as many as there are stages; or the schedule 1f1b</source>
        <translation>%1 个阶段的倍数，如 %2：交错的微批次按阶段数成组进行；或用调度 1f1b</translation>
    </message>
    <message>
        <source>%1 pieces on the one stage that there is, expected 1: there is no bubble to make smaller</source>
        <translation>只有一个阶段，却有 %1 块，应为 1：没有可缩小的气泡</translation>
    </message>
    <message>
        <source>%1: what %2 keeps back of one micro-batch would be added to another&apos;s, which is of other samples</source>
        <translation>%1：%2 从一个微批次保留的部分会加到另一个微批次上，而后者是另一些样本</translation>
    </message>
    <message>
        <source>false, or a codec like fp16</source>
        <translation>false，或 fp16 之类的编解码器</translation>
    </message>
    <message>
        <source>a codec without error feedback, like fp16</source>
        <translation>不带误差反馈的编解码器，如 fp16</translation>
    </message>
    <message>
        <source>the stage that begins with layer &quot;%1&quot; has nothing to train; move a cut</source>
        <translation>从层“%1”开始的阶段没有可训练的内容；请移动切分点</translation>
    </message>
    <message>
        <source>the model has no place where one activation alone goes from layer to layer, with parameters on both sides; take 1, or a model of more layers</source>
        <translation>模型中没有这样的位置：层与层之间只传递一个激活值，且两侧都有参数；请取 1，或改用层数更多的模型</translation>
    </message>
    <message>
        <source>the model can be cut into at most %1 stages that have parameters; take %2 or fewer, or a model of more layers</source>
        <translation>模型最多可切成 %1 个有参数的阶段；请取不超过 %2，或改用层数更多的模型</translation>
    </message>
    <message>
        <source>no stage can begin with layer &quot;%1&quot;: more than one activation would cross, or it goes with the layer before it; a stage can begin with %2</source>
        <translation>阶段不能从层“%1”开始：会有不止一个激活值穿过，或它须与前一层在一起；阶段可从这些层开始：%2</translation>
    </message>
    <message>
        <source>the model has no layer &quot;%1&quot;; a stage can begin with %2</source>
        <translation>模型没有层“%1”；阶段可从这些层开始：%2</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot; does not come behind the layer named before it; name them in the model&apos;s order</source>
        <translation>层“%1”不在前面所列的层之后；请按模型中的次序列出</translation>
    </message>
    <message>
        <source>%1 layers are named, expected %2, one for each of %3 stages but the first; or &quot;balanced&quot;</source>
        <translation>列出了 %1 层，应为 %2 层，%3 个阶段中除第一个外各一层；或“balanced”</translation>
    </message>
    <message>
        <source>no layer&apos;s outputs go straight into another layer, so there is no pair to divide; take 1, or a model with a hidden layer</source>
        <translation>没有哪一层的输出直接进入另一层，因此没有可切分的层对；请取 1，或改用有隐藏层的模型</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot; has %2 %3, which %4 does not divide; %5</source>
        <translation>层“%1”有 %2 个%3，不能被 %4 整除；%5</translation>
    </message>
    <message>
        <source>nothing but 1 divides all layers that would be: choose widths with a common divisor</source>
        <translation>除 1 以外没有数能整除所有相关的层：请选有公约数的宽度</translation>
    </message>
    <message>
        <source>a pipeline of %1 stages, expected at least 1</source>
        <translation>%1 个阶段的流水线，应至少为 1</translation>
    </message>
    <message>
        <source>the graph cannot be cut before node %1</source>
        <translation>图不能在节点 %1 之前切开</translation>
    </message>
    <message>
        <source>take %1</source>
        <translation>请取 %1</translation>
    </message>
    <message>
        <source>a mesh of %1 x %2 x %3: each axis has at least one worker</source>
        <translation>%1 × %2 × %3 的网格：每个轴至少有一个工作进程</translation>
    </message>
    <message>
        <source>a mesh of %1 x %2 x %3: at most %4 workers</source>
        <translation>%1 × %2 × %3 的网格：最多 %4 个工作进程</translation>
    </message>
    <message>
        <source>found &quot;one&quot; with error_feedback, expected &quot;mean&quot;: signs of size 1 are no contraction, and their residual would not shrink; set error_feedback to false</source>
        <translation>带 error_feedback 时为“one”，应为“mean”：大小为 1 的符号不是压缩映射，残差不会缩小；请把 error_feedback 设为 false</translation>
    </message>
    <message>
        <source>found true with scale &quot;mean&quot;, expected &quot;one&quot; and no error_feedback: votes count alike, whatever the size of who casts them</source>
        <translation>scale 为“mean”时为 true，应为“one”且不带 error_feedback：各票同等计数，与投票者的大小无关</translation>
    </message>
    <message>
        <source>found %1, expected an odd number: it takes a middle one</source>
        <translation>实为 %1，应为奇数：要取中间的一个</translation>
    </message>
    <message>
        <source>found %1, expected a multiple of %2</source>
        <translation>实为 %1，应为 %2 的倍数</translation>
    </message>
    <message>
        <source>gradient element %1 is %2, expected a finite number; lower the learning rate</source>
        <translation>梯度的第 %1 个元素为 %2，应为有限的数；请降低学习率</translation>
    </message>
    <message>
        <source>gradient of norm %1 is too large for factors of floats; lower the learning rate</source>
        <translation>梯度的范数为 %1，超出浮点因子的范围；请降低学习率</translation>
    </message>
    <message>
        <source>model %1: samples are %2, expected C x H x W or a vector of 1 to %3 elements</source>
        <translation>模型 %1：样本为 %2，应为 C x H x W，或 1 到 %3 个元素的向量</translation>
    </message>
    <message>
        <source>model %1: samples are %2, expected images (channels x height x width, at least %3 pixels); for tables choose mlp or logistic-regression</source>
        <translation>模型 %1：样本为 %2，应为图像（通道 x 高 x 宽，至少 %3 像素）；表格数据请选 mlp 或 logistic-regression</translation>
    </message>
    <message>
        <source>model %1: images are %2, expected at least %3 pixels; choose mlp, which takes any size</source>
        <translation>模型 %1：图像为 %2，应至少为 %3 像素；请选 mlp，它接受任何尺寸</translation>
    </message>
    <message>
        <source>model %1: layer %2 has %3 units, expected 1 to %4</source>
        <translation>模型 %1：层 %2 有 %3 个单元，应为 1 到 %4</translation>
    </message>
    <message>
        <source>model %1: the dataset has %2 classes, expected at least 2</source>
        <translation>模型 %1：数据集有 %2 类，应至少有 2 类</translation>
    </message>
    <message>
        <source>model %1: has %2 parameters, expected at most %3; choose smaller layers</source>
        <translation>模型 %1：有 %2 个参数，应不超过 %3；请选较小的层</translation>
    </message>
    <message>
        <source>a worker has %1 samples, too few for one batch of %2; take a smaller batch or fewer workers</source>
        <translation>一个工作进程有 %1 个样本，不足一批（%2）；请减小批大小或减少工作进程</translation>
    </message>
    <message>
        <source>found %1, expected at most %2: worker %3 of %4 has no more samples</source>
        <translation>实为 %1，应不超过 %2：%4 个工作进程中的第 %3 个没有更多样本</translation>
    </message>
    <message>
        <source>%1 samples cannot be shared by %2 workers: each needs at least one; take fewer workers</source>
        <translation>%1 个样本无法由 %2 个工作进程分：每个至少需要一个；请减少工作进程</translation>
    </message>
    <message>
        <source>%1 workers with %2 shards each need %3 samples, found %4</source>
        <translation>%1 个工作进程各 %2 个分片，共需 %3 个样本，实有 %4 个</translation>
    </message>
    <message>
        <source>neither it nor %1 is there</source>
        <translation>它和 %1 都不存在</translation>
    </message>
    <message>
        <source>expected a file</source>
        <translation>应为文件</translation>
    </message>
    <message>
        <source>expected a file, found a folder or a device</source>
        <translation>应为文件，实为文件夹或设备</translation>
    </message>
    <message>
        <source>found %1 rows, too few to split off a test share of %2</source>
        <translation>共 %1 行，不足以分出比例为 %2 的测试集</translation>
    </message>
    <message>
        <source>found %1 images, too few to split off a test share of %2</source>
        <translation>共 %1 张图像，不足以分出比例为 %2 的测试集</translation>
    </message>
    <message>
        <source>found no images, expected folders named by class with .png, .jpg or .jpeg files</source>
        <translation>没有图像，应有以类别命名的文件夹，内含 .png、.jpg 或 .jpeg 文件</translation>
    </message>
    <message>
        <source>found no rows below the column names</source>
        <translation>列名之下没有数据行</translation>
    </message>
    <message>
        <source>the file is empty, expected a line of column names</source>
        <translation>文件为空，应有一行列名</translation>
    </message>
    <message>
        <source>found %1 fields, expected %2 as in the first line</source>
        <translation>有 %1 个字段，应与首行一样为 %2 个</translation>
    </message>
    <message>
        <source>columns %1 and %2 are both named %3</source>
        <translation>第 %1 列和第 %2 列同名：%3</translation>
    </message>
    <message>
        <source>column %1 (%2): found %3, expected a number</source>
        <translation>第 %1 列（%2）：实为 %3，应为数</translation>
    </message>
    <message>
        <source>column %1 (%2): found the label %3, expected %4</source>
        <translation>第 %1 列（%2）：标签为 %3，应为 %4</translation>
    </message>
    <message>
        <source>one of at most %1 classes</source>
        <translation>至多 %1 类之一</translation>
    </message>
    <message>
        <source>found %1, expected a column of %2: %3; did you mean %4?</source>
        <translation>实为 %1，应为 %2 中的一列：%3；是否想写 %4？</translation>
    </message>
    <message>
        <source>found %1, expected a column of %2: %3</source>
        <translation>实为 %1，应为 %2 中的一列：%3</translation>
    </message>
    <message>
        <source>found the label alone, expected at least one column of numbers</source>
        <translation>只有标签，应至少有一列数值</translation>
    </message>
    <message>
        <source>found nothing, expected the file that belongs to test_labels</source>
        <translation>未给出，应为与 test_labels 配套的文件</translation>
    </message>
    <message>
        <source>found nothing, expected the file that belongs to test_images</source>
        <translation>未给出，应为与 test_images 配套的文件</translation>
    </message>
    <message>
        <source>found 2, expected 1 (grey) or 3 (colour)</source>
        <translation>实为 2，应为 1（灰度）或 3（彩色）</translation>
    </message>
    <message>
        <source>set /dataset/path to its binary version</source>
        <translation>请把 /dataset/path 设为其二进制版本</translation>
    </message>
    <message>
        <source>cut short at byte %1: expected the 4 bytes of an IDX magic number</source>
        <translation>在第 %1 字节处截断：应有 4 字节的 IDX 魔数</translation>
    </message>
    <message>
        <source>cut short at byte %1: expected an IDX header of %2 bytes</source>
        <translation>在第 %1 字节处截断：应有 %2 字节的 IDX 头</translation>
    </message>
    <message>
        <source>at byte 0: found %1, expected an IDX magic number 0x0000….</source>
        <translation>第 0 字节：实为 %1，应为 IDX 魔数 0x0000…。</translation>
    </message>
    <message>
        <source>at byte %1: it ends too early; expected whole gzip data</source>
        <translation>第 %1 字节：过早结束；应为完整的 gzip 数据</translation>
    </message>
    <message>
        <source>at byte %1: sample %2 has label %3, expected 0 to %4</source>
        <translation>第 %1 字节：样本 %2 的标签为 %3，应为 0 到 %4</translation>
    </message>
    <message>
        <source>at byte 0: expected the beginning of a PNG or JPEG image</source>
        <translation>第 0 字节：应为 PNG 或 JPEG 图像的开头</translation>
    </message>
    <message>
        <source>layers &quot;%1&quot; fits no layer of the model (is &quot;%2&quot; meant?): it has %3</source>
        <translation>层“%1”不匹配模型的任何层（是否想写“%2”？）：模型有 %3</translation>
    </message>
    <message>
        <source>layers &quot;%1&quot; fits no layer of the model: it has %2</source>
        <translation>层“%1”不匹配模型的任何层：模型有 %2</translation>
    </message>
    <message>
        <source>layers &quot;%1&quot;: none of these can lose channels: %2; choose others</source>
        <translation>层“%1”：这些层都不能去掉通道：%2；请选其他层</translation>
    </message>
    <message>
        <source>layers &quot;%1&quot; chooses &quot;%2&quot; but not &quot;%3&quot;, and the two must keep the same channels, since their outputs are added or their weight is shared; choose both or neither</source>
        <translation>层“%1”选中了“%2”而没有“%3”，而二者须保留相同的通道，因为它们的输出相加或权重共享；请两个都选或都不选</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: no batch norm follows it, expected one whose scale ranks its channels; choose other layers, or the norm l1</source>
        <translation>层“%1”：其后没有批归一化，应有一个以其缩放给通道排序；请选其他层，或范数 l1</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: the norm of channel %2 is NaN, expected a number; the training has diverged, lower the learning rate</source>
        <translation>层“%1”：通道 %2 的范数为 NaN，应为数；训练已发散，请降低学习率</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: element %2 of its weight is %3, expected a number; the training has diverged, lower the learning rate</source>
        <translation>层“%1”：权重的第 %2 个元素为 %3，应为数；训练已发散，请降低学习率</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: weight %2 is %3, and its gradient %4, expected numbers; the training has diverged, lower the learning rate</source>
        <translation>层“%1”：权重 %2 为 %3，其梯度为 %4，应为数；训练已发散，请降低学习率</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its weight lies on a grid of %2 bits, expected floats; prune first, and quantise what is left</source>
        <translation>层“%1”：权重已在 %2 位的格点上，应为浮点数；请先剪枝，再量化剩余部分</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its weight of %2 has at most rank %3, and %4 was asked for; take a lower rank, an energy instead, or other layers</source>
        <translation>层“%1”：形状为 %2 的权重秩最多为 %3，而要求的是 %4；请取较低的秩，改用能量，或选其他层</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot; would become layers of which &quot;%2&quot; is in the model already; rename that, or choose other layers</source>
        <translation>层“%1”会变成的层中，“%2”在模型里已有；请将其改名，或选其他层</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its weight of %2 has %3 inputs, expected a multiple of m = %4; choose other layers, or another m</source>
        <translation>层“%1”：形状为 %2 的权重有 %3 个输入，应为 m = %4 的倍数；请选其他层，或另取 m</translation>
    </message>
    <message>
        <source>%1 of %2 weights would all stay, expected n below m</source>
        <translation>每 %2 个权重保留 %1 个，等于全部保留，n 应小于 m</translation>
    </message>
    <message>
        <source>%1 of the weights would be zero at the beginning and %2 (amount) at the end, expected initial to be at most amount</source>
        <translation>开始时 %1 的权重为零，结束时为 %2（amount），initial 应不超过 amount</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its weight is pruned or shared, and would not stay so on a grid that learns; use quantize-weights or int8 after pruning</source>
        <translation>层“%1”：权重已剪枝或共享，在可学习的格点上无法保持；剪枝之后请用 quantize-weights 或 int8</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its channels cannot be removed, since %2</source>
        <translation>层“%1”：其通道不能去掉，因为%2</translation>
    </message>
    <message>
        <source>they are the input&apos;s</source>
        <translation>它们是输入的通道</translation>
    </message>
    <message>
        <source>they reach the prediction</source>
        <translation>它们直达预测</translation>
    </message>
    <message>
        <source>they meet channels of another size in &quot;%1&quot;</source>
        <translation>它们在“%1”中遇到另一大小的通道</translation>
    </message>
    <message>
        <source>they are a part of a layer&apos;s</source>
        <translation>它们是某层通道的一部分</translation>
    </message>
    <message>
        <source>other ranks have them too, in &quot;%1&quot;</source>
        <translation>其他 rank 在“%1”中也有它们</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its %2 lies on a grid of %3 bits, and first values would not; put %4 before the step that made it so</source>
        <translation>层“%1”：其 %2 在 %3 位的格点上，而初值不在；请把 %4 放在造成这一点的那一步之前</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its %2 has few values that weights share, and first values would not; put %3 before the step that made it so</source>
        <translation>层“%1”：其 %2 是权重共享的少数几个值，而初值不是；请把 %3 放在造成这一点的那一步之前</translation>
    </message>
    <message>
        <source>the model&apos;s first values were not kept; take &quot;rewind&quot;: false to go on from those it has</source>
        <translation>模型的初值未保留；请用 &quot;rewind&quot;: false，从现有的值继续</translation>
    </message>
    <message>
        <source>the model&apos;s first values were not kept</source>
        <translation>模型的初值未保留</translation>
    </message>
    <message>
        <source>the model has not been trained in this run, and no weight has moved; a retrain step must come before it</source>
        <translation>模型在此运行中未经训练，没有权重移动过；其前须有 retrain 一步</translation>
    </message>
    <message>
        <source>to calibrate activations needs training samples, and there are none</source>
        <translation>校准激活值需要训练样本，而现在没有</translation>
    </message>
    <message>
        <source>the loss of the model as it is is no finite number; the training has diverged, lower the learning rate</source>
        <translation>模型当前的损失不是有限的数；训练已发散，请降低学习率</translation>
    </message>
    <message>
        <source>%1 is beyond 65504, the largest number of fp16; take bf16</source>
        <translation>%1 超出 fp16 的最大值 65504；请用 bf16</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no layer of the student, which has %2</source>
        <translation>“%1”不是学生模型的层，它有 %2</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no layer of the teacher, which has %2</source>
        <translation>“%1”不是教师模型的层，它有 %2</translation>
    </message>
    <message>
        <source>&quot;%1&quot; was compressed already, and would not be after beginning again; begin again first, or leave anew out</source>
        <translation>“%1”已被压缩，重新开始后就不是了；请先重新开始，或去掉 anew</translation>
    </message>
    <message>
        <source>the teacher&apos;s answer does not depend on &quot;%1&quot;; name another</source>
        <translation>教师模型的输出与“%1”无关；请另选一层</translation>
    </message>
    <message>
        <source>&quot;%1&quot; gives %2, and the teacher&apos;s &quot;%3&quot; %4: features compare between vectors, or images of one height and width</source>
        <translation>“%1”给出 %2，而教师模型的“%3”给出 %4：特征只在向量之间，或高宽相同的图像之间比较</translation>
    </message>
    <message>
        <source>a student of its own begins with first values anyway; leave one out</source>
        <translation>单独的学生模型本就从初值开始；请去掉其中之一</translation>
    </message>
    <message>
        <source>compares &quot;%1&quot; needs student_layer and teacher_layer</source>
        <translation>compares 为“%1”时需要 student_layer 和 teacher_layer</translation>
    </message>
    <message>
        <source>it takes samples of %1, and the model beside it %2</source>
        <translation>它接受 %1 的样本，而旁边的模型接受 %2</translation>
    </message>
    <message>
        <source>mixed-precision needs training samples to measure layers by, and there are none</source>
        <translation>mixed-precision 需要训练样本来测量各层，而现在没有</translation>
    </message>
    <message>
        <source>prune-snip needs training samples for the gradient, and there are none</source>
        <translation>prune-snip 需要训练样本来求梯度，而现在没有</translation>
    </message>
    <message>
        <source>the model has no loss, expected a whole model</source>
        <translation>模型没有损失，应为完整的模型</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its weight lies on a grid of %2 bits, and what rounding it costs cannot be measured any more; choose other layers, or let mixed-precision come before the step that made it so</source>
        <translation>层“%1”：权重已在 %2 位的格点上，无法再测量舍入的代价；请选其他层，或让 mixed-precision 在造成这一点的那一步之前</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its weight has few values that weights share, and what rounding it costs cannot be measured any more; choose other layers, or let mixed-precision come before the step that made it so</source>
        <translation>层“%1”：权重只有共享的少数几个值，无法再测量舍入的代价；请选其他层，或让 mixed-precision 在造成这一点的那一步之前</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: element %2 of its weight was %3 and is %4, expected numbers of which one can take the square; the training has diverged, lower the learning rate</source>
        <translation>层“%1”：权重的第 %2 个元素由 %3 变为 %4，应为可平方的数；训练已发散，请降低学习率</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: none of its %2 channels is kept, expected at least one</source>
        <translation>层“%1”：%2 个通道一个也没有保留，至少应保留一个</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its %2 was there at first, and is gone; %3</source>
        <translation>层“%1”：其 %2 起初存在，现在没有了；%3</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its %2 is %3 now, and was %4 at first; %5</source>
        <translation>层“%1”：其 %2 现为 %3，起初为 %4；%5</translation>
    </message>
    <message>
        <source>layer &quot;%1&quot;: its %2 is %3 now, and was not there at first; %4</source>
        <translation>层“%1”：其 %2 现为 %3，起初没有；%4</translation>
    </message>
    <message>
        <source>put %1 before the step that changes layers</source>
        <translation>请把 %1 放在改变层的那一步之前</translation>
    </message>
    <message>
        <source>let a retrain step come between the step that changed it and prune-movement</source>
        <translation>请在改变它的那一步与 prune-movement 之间加一步 retrain</translation>
    </message>
    <message>
        <source>&quot;%1&quot; was compressed already: two that learn together both begin with first values</source>
        <translation>“%1”已被压缩：互相学习的两个模型都从初值开始</translation>
    </message>
    <message>
        <source>at byte %1: found %2 x %3 pixels, expected at most %4</source>
        <translation>第 %1 字节：图像为 %2 x %3 像素，应不超过 %4</translation>
    </message>
    <message>
        <source>at byte %1: expected a PNG signature</source>
        <translation>第 %1 字节：应为 PNG 签名</translation>
    </message>
    <message>
        <source>at byte %1: cut short, expected another PNG chunk</source>
        <translation>第 %1 字节：截断，应还有 PNG 数据块</translation>
    </message>
    <message>
        <source>at byte %1: found a PNG chunk whose CRC-32 does not match</source>
        <translation>第 %1 字节：PNG 数据块的 CRC-32 不符</translation>
    </message>
    <message>
        <source>at byte 4: found %1 labels, expected %2, one for each sample of %3</source>
        <translation>第 4 字节：有 %1 个标签，应为 %2 个，与 %3 的样本一一对应</translation>
    </message>
    <message>
        <source>at byte 2: found element type 0x0c, expected samples of bytes (0x08) or 32-bit floats (0x0d)</source>
        <translation>第 2 字节：元素类型为 0x0c，样本应为字节（0x08）或 32 位浮点数（0x0d）</translation>
    </message>
    <message>
        <source>at byte %1 of the compressed file: %2; expected whole gzip data</source>
        <translation>压缩文件的第 %1 字节：%2；应为完整的 gzip 数据</translation>
    </message>
    <message>
        <source>it ends too early</source>
        <translation>过早结束</translation>
    </message>
    <message>
        <source>found a class that %1 does not have: %2</source>
        <translation>有一个 %1 没有的类别：%2</translation>
    </message>
    <message>
        <source>field %1: found a quote within an unquoted field, expected the whole field in quotes</source>
        <translation>第 %1 个字段：未加引号的字段中有引号，整个字段应放在引号中</translation>
    </message>
    <message>
        <source>found a quote that is never closed</source>
        <translation>有未闭合的引号</translation>
    </message>
    <message>
        <source>found text after a closing quote, expected a comma or the end of the line</source>
        <translation>右引号之后还有文本，应为逗号或行尾</translation>
    </message>
    <message>
        <source>%1 sends gradients and parameters unencrypted, and lets in whoever reaches its ports: between machines it is for a network that you trust; grpc encrypts</source>
        <translation>%1 以明文传送梯度和参数，且任何能到达其端口的人都能接入：跨机器时只宜用于可信的网络；grpc 会加密</translation>
    </message>
    <message>
        <source>bytes are counted where they are handed to %1; what it adds to them on its way is not known</source>
        <translation>字节数在交给 %1 时统计；它在途中另外添加多少无从得知</translation>
    </message>
    <message>
        <source>mpirun ends all workers when one of them dies: a loss that the exchange would survive ends the run; while it runs, its own port is open to the network of this machine, which should be one that you trust</source>
        <translation>有一个工作进程死亡时，mpirun 会结束所有工作进程：交换方式本可承受的损失也会使运行终止；运行期间，它自己的端口对本机所在网络开放，该网络应当可信</translation>
    </message>
    <message>
        <source>%1 workers of %2 %3 share the %4 cores of this machine: they work one after the other, and their times say little about a cluster</source>
        <translation>%1 个各有 %2 个%3的工作进程共用本机的 %4 个核心：它们轮流工作，所测时间难以说明集群上的情形</translation>
    </message>
    <message>
        <source>payloads that do not sum are gathered: with %1 workers this sends more (%2 MB a step and worker) than no compression would (%3 MB)</source>
        <translation>不可求和的载荷须逐一收集：%1 个工作进程时，这样发送的（每步每个工作进程 %2 MB）比不压缩（%3 MB）还多</translation>
    </message>
    <message>
        <source>one copy of the model exchanges no gradient, so %1 saves nothing; its loss of accuracy can be seen all the same</source>
        <translation>模型只有一份副本，不交换梯度，因此 %1 省不下什么；它带来的精度损失仍可看到</translation>
    </message>
    <message>
        <source>the workers here need about %1 GB, and this machine has %2 GB</source>
        <translation>本机上的工作进程约需 %1 GB 内存，而本机只有 %2 GB</translation>
    </message>
    <message>
        <source>momentum acts twice: in %1, and in the optimiser after it; set /optimizer/%2 to 0</source>
        <translation>动量作用了两次：一次在 %1，一次在其后的优化器；请把 /optimizer/%2 设为 0</translation>
    </message>
    <message>
        <source>the run ends within the warm-up of %1 steps, and nothing is compressed: take a smaller /optimizer/warm_up_steps than %2</source>
        <translation>运行在 %1 步的预热之内就已结束，什么都不会被压缩：请取小于 %2 的 /optimizer/warm_up_steps</translation>
    </message>
    <message>
        <source>the dataset has no test samples: there will be no test accuracy</source>
        <translation>数据集没有测试样本：不会有测试准确率</translation>
    </message>
    <message>
        <source>the run ends after %1 of the %2 steps of its first epoch</source>
        <translation>第一轮共 %2 步，运行在第 %1 步后就结束</translation>
    </message>
    <message>
        <source>batch norm takes the statistics of each micro-batch of %1 samples: %2 micro-batches do not give quite the parameters of one worker with the whole batch</source>
        <translation>批归一化取每个微批次（%1 个样本）的统计量：%2 个微批次得到的参数与单个工作进程处理整批不完全相同</translation>
    </message>
    <message>
        <source>micro-batches of %1 samples cost as much as of %2, in arithmetic and in bytes between stages: take a /training/batch_size of %3, or fewer /pipeline/micro_batches</source>
        <translation>%1 个样本的微批次与 %2 个样本的开销相同，计算量和阶段间的字节数都是如此：请取 /training/batch_size 为 %3，或减少 /pipeline/micro_batches</translation>
    </message>
    <message>
        <source>after a failure the run has nothing to go on from: set /training/checkpoint_every_steps</source>
        <translation>失败之后，运行没有可继续的起点：请设置 /training/checkpoint_every_steps</translation>
    </message>
    <message>
        <source>/faults/%1 comes at step %2, and the run ends after %3</source>
        <translation>/faults/%1 在第 %2 步才发生，而运行在第 %3 步后就已结束</translation>
    </message>
    <message>
        <source>the slowest of the %1 stages has %2 times the arithmetic of the mean: the others wait for it</source>
        <translation>%1 个阶段中最慢的一个，计算量是平均值的 %2 倍：其余阶段都要等它</translation>
    </message>
    <message>
        <source>batch norm: a client&apos;s last, smaller batch is filled up with its own samples over again for the statistics, and the clients&apos; running statistics are averaged by their samples</source>
        <translation>批归一化：客户端最后一个较小的批用其自身样本重复补足后再取统计量，各客户端的滑动统计量按样本数加权平均</translation>
    </message>
    <message>
        <source>batch norm uses each worker&apos;s own batch: several workers do not give quite the parameters of one worker with the same global batch</source>
        <translation>批归一化使用每个工作进程自己的批：多个工作进程得到的参数与全局批相同的单个工作进程不完全相同</translation>
    </message>
    <message>
        <source>bytes are foretold with %1 as it stands, and /knobs/%2 turns it while the run goes</source>
        <translation>字节数按 %1 的当前值预估，而运行期间 /knobs/%2 会改变它</translation>
    </message>
    <message>
        <source>/layer_gradients/%1 (&quot;%2&quot;) is used by no layer: all that it fits are taken by patterns before it</source>
        <translation>没有任何层使用 /layer_gradients/%1（“%2”）：它所匹配的层都已被前面的模式取走</translation>
    </message>
    <message>
        <source>the codecs of /gradient are used by no layer: /layer_gradients takes all</source>
        <translation>没有任何层使用 /gradient 的编解码器：/layer_gradients 已涵盖所有层</translation>
    </message>
    <message>
        <source>one-shot sends the gradient to each of %1 other workers whole, %2 times as much as two-shot: it is for small models</source>
        <translation>one-shot 把整个梯度发给其余 %1 个工作进程中的每一个，是 two-shot 的 %2 倍：它适合小模型</translation>
    </message>
    <message>
        <source>groups of %1 among %2 workers leave one level only: it goes as %3</source>
        <translation>%2 个工作进程按每组 %1 个分组，只剩一层：实际按 %3 进行</translation>
    </message>
    <message>
        <source>recompress: between 2 workers it sends as much as gathering does, and loses more; it is for 3 and more</source>
        <translation>recompress：在 2 个工作进程之间，它发送的与收集一样多，损失却更大；它适合 3 个及以上</translation>
    </message>
    <message>
        <source>%1 workers apply their gradients one by one, each with the whole learning rate of %2 and about %3 updates late: training may diverge, or stay at the accuracy of a guess (0.1 with ten classes). Set /exchange/damping to &quot;workers&quot; (the learning rate over %4) or &quot;inverse&quot; (over 1 + staleness), or take a smaller /optimizer/learning_rate</source>
        <translation>%1 个工作进程逐个应用各自的梯度，每次都用完整的学习率 %2，且约迟 %3 次更新：训练可能发散，或停在随机猜测的准确率（十类时为 0.1）。请把 /exchange/damping 设为“workers”（学习率除以 %4）或“inverse”（除以 1 + 陈旧度），或取更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>the parameters are spread over the workers themselves: if one of the first %1 is lost, the run fails; with /exchange/dedicated_servers any worker can be</source>
        <translation>参数分布在工作进程自身上：前 %1 个中失去任何一个，运行就会失败；设置 /exchange/dedicated_servers 后，失去任何工作进程都可承受</translation>
    </message>
    <message>
        <source>a round has %1 %2 for %3 workers: some have nothing to do</source>
        <translation>每个通信轮有 %1 个%2，而工作进程有 %3 个：有的会无事可做</translation>
    </message>
    <message>
        <source>who meets the deadline of a round depends on measured time: the same seed need not give the same bits</source>
        <translation>谁能赶上通信轮的期限取决于实测时间：相同的种子不一定得到逐位相同的结果</translation>
    </message>
    <message>
        <source>the codec acts on each client&apos;s change of the parameters, once a round and without memory of earlier rounds; federated/upload_bytes counts its payloads, and what the workers send one another stays uncompressed</source>
        <translation>编解码器作用于每个客户端的参数变化量，每个通信轮一次，不记忆此前各轮；federated/upload_bytes 统计其载荷，工作进程之间互相发送的内容不压缩</translation>
    </message>
    <message>
        <source>the workers average every %1 steps and the run has %2: they agree once, at its end</source>
        <translation>工作进程每 %1 步平均一次，而运行只有 %2 步：它们只在结束时取一次平均</translation>
    </message>
    <message>
        <source>one worker averages with nobody: only the outer step is left of this exchange</source>
        <translation>只有一个工作进程，无从平均：这种交换只剩外层的一步</translation>
    </message>
    <message>
        <source>one worker has no neighbours to mix with: it trains alone</source>
        <translation>只有一个工作进程，没有可混合的邻居：它独自训练</translation>
    </message>
    <message>
        <source>exponential, %1 workers: spectral gap 1, differences between workers are gone after %2 %3 of mixing</source>
        <translation>exponential，%1 个工作进程：谱隙为 1，混合 %2 %3后工作进程之间的差异即消失</translation>
    </message>
    <message>
        <source>%1, %2 workers: spectral gap %3, mixing alone takes %4 % of the differences between workers away a step</source>
        <translation>%1，%2 个工作进程：谱隙为 %3，仅靠混合每步消除工作进程之间 %4 % 的差异</translation>
    </message>
    <message>
        <source>the spectral gap is small: workers will differ much. A graph with shorter ways, such as torus, or a smaller learning rate helps</source>
        <translation>谱隙很小：工作进程之间会相差很大。改用路径更短的图（如 torus）或更小的学习率会有帮助</translation>
    </message>
    <message>
        <source>%1 is a prime number, so the torus is a ring</source>
        <translation>%1 是质数，因此 torus 就是一个环</translation>
    </message>
    <message>
        <source>%1, %2 workers, of which %3 only answer: spectral gap %4 a step, when all step at one pace</source>
        <translation>%1，%2 个工作进程，其中 %3 个只应答：各进程步调一致时，每步谱隙为 %4</translation>
    </message>
    <message>
        <source>runs of the same seed differ: who averages with whom before what depends on who is sooner</source>
        <translation>种子相同的运行也会不同：谁与谁、先于什么取平均，取决于谁更快</translation>
    </message>
    <message>
        <source>it does not train yet, or not any more</source>
        <translation>它尚未训练，或已不再训练</translation>
    </message>
    <message>
        <source>it does not train now</source>
        <translation>它当前不在训练</translation>
    </message>
    <message>
        <source>it does not train now: messages are held back while a run trains</source>
        <translation>它当前不在训练：只有训练期间才能扣留消息</translation>
    </message>
    <message>
        <source>it does not train now, and there is nothing to record</source>
        <translation>它当前不在训练，没有可记录的内容</translation>
    </message>
    <message>
        <source>it has one rank, which sends nothing</source>
        <translation>它只有一个 rank，不发送任何内容</translation>
    </message>
    <message>
        <source>it has a recipe, whose stretches of training begin and end by themselves; its messages can be recorded and replayed</source>
        <translation>它有配方，其训练段自行开始和结束；其消息可以记录和回放</translation>
    </message>
    <message>
        <source>ranks of the exchange &quot;%1&quot; do not keep step, and would give each other up as lost while a message waits for a person; its messages can be recorded and replayed</source>
        <translation>交换方式“%1”的各 rank 不同步迈进，消息等人放行时会互相视为失去；其消息可以记录和回放</translation>
    </message>
    <message>
        <source>it is not in slow motion; begin it first</source>
        <translation>它不在慢动作中；请先开始</translation>
    </message>
    <message>
        <source>it is not paused</source>
        <translation>它未暂停</translation>
    </message>
    <message>
        <source>it is ending</source>
        <translation>它正在结束</translation>
    </message>
    <message>
        <source>run %1 is %2: steps are recorded while it trains</source>
        <translation>运行 %1 %2：只有训练期间才能记录</translation>
    </message>
    <message>
        <source>run %1 is %2: knobs turn while a run goes on</source>
        <translation>运行 %1 %2：只有运行期间才能调节参数</translation>
    </message>
    <message>
        <source>run %1 is %2: workers join and leave while a run goes on</source>
        <translation>运行 %1 %2：只有运行期间工作进程才能加入和离开</translation>
    </message>
    <message>
        <source>run %1 is %2: messages are held back while it trains</source>
        <translation>运行 %1 %2：只有训练期间才能扣留消息</translation>
    </message>
    <message>
        <source>run %1 is %2 already</source>
        <translation>运行 %1 已经%2</translation>
    </message>
    <message>
        <source>run %1 is %2; stop it before it is deleted</source>
        <translation>运行 %1 %2；删除前请先停止</translation>
    </message>
    <message>
        <source>run %1 is %2; it is exported whole once it has ended</source>
        <translation>运行 %1 %2；结束后才能完整导出</translation>
    </message>
    <message>
        <source>run %1 is finished; start a new one with more epochs</source>
        <translation>运行 %1 已完成；请以更多的轮数另启运行</translation>
    </message>
    <message>
        <source>run %1 is being resumed or deleted</source>
        <translation>运行 %1 正在恢复或删除</translation>
    </message>
    <message>
        <source>run %1 is being resumed</source>
        <translation>运行 %1 正在恢复</translation>
    </message>
    <message>
        <source>run %1 is in the bin; bring it back, or delete it for good first</source>
        <translation>运行 %1 在回收站中；请先还原或永久删除</translation>
    </message>
    <message>
        <source>run %1 is here already</source>
        <translation>运行 %1 已在此处</translation>
    </message>
    <message>
        <source>run %1 has no parameters: they are kept when a run finishes or is stopped</source>
        <translation>运行 %1 没有参数：运行完成或停止时才保留参数</translation>
    </message>
    <message>
        <source>run %1 has a recipe, and is not forked: `concertinactl compress %2` gives its model to another recipe</source>
        <translation>运行 %1 有配方，不能分叉：`concertinactl compress %2` 可把其模型交给另一配方</translation>
    </message>
    <message>
        <source>run %1 has no checkpoint at or before step %2 to go on from; the newest %3 are kept (/training/checkpoint_every_steps, or `concertinactl checkpoint %4` while it goes)</source>
        <translation>运行 %1 在第 %2 步及之前没有可继续的检查点；保留最新的 %3 个（/training/checkpoint_every_steps，或在运行期间用 `concertinactl checkpoint %4`）</translation>
    </message>
    <message>
        <source>run %1 has no checkpoint to go on from; the newest %2 are kept (/training/checkpoint_every_steps, or `concertinactl checkpoint %3` while it goes)</source>
        <translation>运行 %1 没有可继续的检查点；保留最新的 %2 个（/training/checkpoint_every_steps，或在运行期间用 `concertinactl checkpoint %3`）</translation>
    </message>
    <message>
        <source>run %1 has no checkpoint to go on from; start it anew (and set /training/checkpoint_every_steps; with a recipe there is one behind each of its steps): %2</source>
        <translation>运行 %1 没有可继续的检查点；请重新启动（并设置 /training/checkpoint_every_steps；有配方时每一步之后都有一个）：%2</translation>
    </message>
    <message>
        <source>run %1 wrote no checkpoint within %2 s; --step %3 forks it from the one it has</source>
        <translation>运行 %1 在 %2 s 内没有写检查点；用 --step %3 可从已有的检查点分叉</translation>
    </message>
    <message>
        <source>%1: is turned by the policy &quot;%2&quot; of /knobs/%3; turn what is live of that policy, or leave it out of the experiment</source>
        <translation>%1：由 /knobs/%3 的策略“%2”调节；请调节该策略中运行时可改的设置，或把它从实验中去掉</translation>
    </message>
    <message>
        <source>%1: cannot change while a run goes; what can is %2; did you mean %3?</source>
        <translation>%1：运行期间不能更改；可改的有 %2；是否想写 %3？</translation>
    </message>
    <message>
        <source>%1: cannot change while a run goes; what can is %2</source>
        <translation>%1：运行期间不能更改；可改的有 %2</translation>
    </message>
    <message>
        <source>with %1 workers the experiment is none: %2</source>
        <translation>%1 个工作进程时实验不成立：%2</translation>
    </message>
    <message>
        <source>the run was not started, since nothing can be stored</source>
        <translation>无法保存任何内容，因此未启动运行</translation>
    </message>
    <message>
        <source>the run was not begun, since nothing can be stored: %1</source>
        <translation>无法保存任何内容，因此未开始运行：%1</translation>
    </message>
    <message>
        <source>the run does not go on, since nothing can be stored: %1</source>
        <translation>无法保存任何内容，因此运行不能继续：%1</translation>
    </message>
    <message>
        <source>the run was not forked, since nothing can be stored: %1</source>
        <translation>无法保存任何内容，因此未分叉运行：%1</translation>
    </message>
    <message>
        <source>there is no run &quot;%1&quot;</source>
        <translation>没有运行“%1”</translation>
    </message>
    <message>
        <source>there is no run yet</source>
        <translation>还没有运行</translation>
    </message>
    <message>
        <source>nothing was recorded of this run; while it goes, `concertinactl timeline RUN --record 20` records 20 steps</source>
        <translation>此运行没有任何记录；运行期间用 `concertinactl timeline RUN --record 20` 可记录 20 步</translation>
    </message>
    <message>
        <source>found %1, expected %2; did you mean &quot;%3&quot;?</source>
        <translation>应为：%2；实为：%1；是否想写“%3”？</translation>
    </message>
    <message>
        <source>found %1, expected %2</source>
        <translation>应为：%2；实为：%1</translation>
    </message>
    <message>
        <source>and %1 more faults</source>
        <translation>另有 %1 处错误</translation>
    </message>
    <message>
        <source>line %1, column %2: this is not JSON: %3</source>
        <translation>第 %1 行第 %2 列：这不是 JSON：%3</translation>
    </message>
    <message>
        <source>the run was not begun, since nothing can be stored</source>
        <translation>无法保存任何内容，因此未开始运行</translation>
    </message>
    <message>
        <source>the run does not go on, since nothing can be stored</source>
        <translation>无法保存任何内容，因此运行不能继续</translation>
    </message>
    <message>
        <source>it is done, but not on the disk yet, and is written when that is possible again; until then it is lost if the engine ends: %1</source>
        <translation>已完成，但尚未写入磁盘，可写时即写入；在此之前若引擎结束就会丢失：%1</translation>
    </message>
    <message>
        <source>run %1 cannot go on yet: %2</source>
        <translation>运行 %1 还不能继续：%2</translation>
    </message>
    <message>
        <source>run %1 cannot go on: the engine is ending</source>
        <translation>运行 %1 不能继续：引擎正在结束</translation>
    </message>
    <message>
        <source>run %1 is being deleted for good</source>
        <translation>运行 %1 正在永久删除</translation>
    </message>
    <message>
        <source>run %1 is being taken in already</source>
        <translation>运行 %1 已在导入</translation>
    </message>
    <message>
        <source>run %1 has no recipe, and so no steps of one; `concertinactl compress %2` gives its model to one</source>
        <translation>运行 %1 没有配方，也就没有其步骤；`concertinactl compress %2` 可把其模型交给一个配方</translation>
    </message>
    <message>
        <source>run %1 is %2 and has not come to step %3 of its recipe yet</source>
        <translation>运行 %1 %2，尚未到配方的步骤 %3</translation>
    </message>
    <message>
        <source>recordings are on their way; try again</source>
        <translation>记录正在传送；请重试</translation>
    </message>
    <message>
        <source>%1 run goes on; stop it first, or ask for runs to be stopped too</source>
        <translation>有 %1 个运行在进行；请先停止它，或要求一并停止运行</translation>
    </message>
    <message>
        <source>%1 runs go on; stop them first, or ask for runs to be stopped too</source>
        <translation>有 %1 个运行在进行；请先停止它们，或要求一并停止运行</translation>
    </message>
    <message>
        <source>the run has %1 workers; there is no rank %2</source>
        <translation>运行有 %1 个工作进程；没有 rank %2</translation>
    </message>
    <message>
        <source>several machines are being tested already; try again</source>
        <translation>已在测试数台机器；请重试</translation>
    </message>
    <message>
        <source>workers join and leave where an experiment has &quot;elastic&quot;, and each of its workers the whole model, whose gradient it averages with all others in step (all-reduce)</source>
        <translation>实验有“elastic”，且每个工作进程都有整个模型、步调一致地与全体平均梯度（all-reduce）时，工作进程才能加入和离开</translation>
    </message>
    <message>
        <source>found %1 to %2, expected %3 to %4 of them (/elastic/min_workers and max_workers)</source>
        <translation>实为 %1，至 %2，应为 %3 到 %4 个（/elastic/min_workers 和 max_workers）</translation>
    </message>
    <message>
        <source>a note of %1 bytes; at most %2 are kept</source>
        <translation>备注有 %1 字节；最多保留 %2 字节</translation>
    </message>
    <message>
        <source>a tag needs at least one letter</source>
        <translation>标签至少要有一个字符</translation>
    </message>
    <message>
        <source>tag &quot;%1&quot; stands twice, or has spaces around it</source>
        <translation>标签“%1”出现两次，或前后有空格</translation>
    </message>
    <message>
        <source>tag &quot;%1&quot; holds a comma, a quotation mark or a control character, which separate tags</source>
        <translation>标签“%1”含有分隔标签的逗号、引号或控制字符</translation>
    </message>
    <message>
        <source>%1 tags; a run has at most %2</source>
        <translation>%1 个标签；一个运行最多有 %2 个</translation>
    </message>
    <message>
        <source>this is no run: a file was expected that was exported in the format &quot;run&quot; (its first bytes are CNCTRUN1)</source>
        <translation>这不是运行：应为以“run”格式导出的文件（开头字节为 CNCTRUN1）</translation>
    </message>
    <message>
        <source>the file is damaged at byte %1: %2</source>
        <translation>文件在第 %1 字节处损坏：%2</translation>
    </message>
    <message>
        <source>its checksum is another</source>
        <translation>校验和不符</translation>
    </message>
    <message>
        <source>it ends at byte %1, in the middle of a record</source>
        <translation>文件在第 %1 字节处结束，正当一条记录中间</translation>
    </message>
    <message>
        <source>%1 is there, though no run of this engine is in it; move it away first</source>
        <translation>%1 已存在，但其中没有此引擎的运行；请先把它移开</translation>
    </message>
    <message>
        <source>its run is %1; only one that has ended can be taken in</source>
        <translation>其中的运行%1；只有已结束的才能导入</translation>
    </message>
    <message>
        <source>the export was cancelled</source>
        <translation>导出已取消</translation>
    </message>
    <message>
        <source>runs have no field &quot;%1&quot;; a JSON pointer into the spec begins with /</source>
        <translation>运行没有字段“%1”；指向实验的 JSON 指针以 / 开头</translation>
    </message>
    <message>
        <source>how many steps an epoch has is not known of this run; use another x</source>
        <translation>不知道此运行每轮有多少步；请用另一横轴</translation>
    </message>
    <message>
        <source>%1: expected POINTER=JSON like /optimizer/learning_rate=0.1</source>
        <translation>%1：应为 指针=JSON，如 /optimizer/learning_rate=0.1</translation>
    </message>
    <message>
        <source>&quot;%1&quot;: expected a JSON pointer like /optimizer/learning_rate</source>
        <translation>“%1”：应为 JSON 指针，如 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>/axes: %1 points are bad, and %2 more were not looked at</source>
        <translation>/axes：%1 个点有误，另有 %2 个未检查</translation>
    </message>
    <message>
        <source>%1 (in the point &quot;%2&quot;)</source>
        <translation>%1（在点“%2”）</translation>
    </message>
    <message>
        <source>%1 (in the point &quot;%2&quot; and %3 other)</source>
        <translation>%1（在点“%2”及另外 %3 个）</translation>
    </message>
    <message>
        <source>%1 (in the point &quot;%2&quot; and %3 others)</source>
        <translation>%1（在点“%2”及另外 %3 个）</translation>
    </message>
    <message>
        <source>/base: %1: %2</source>
        <translation>/base：%1：%2</translation>
    </message>
    <message>
        <source>rank %1 (process %2 on %3) %4, at step %5; the last lines of its log:</source>
        <translation>rank %1（进程 %2，位于 %3）%4，时在第 %5 步；其日志的最后几行：</translation>
    </message>
    <message>
        <source>rank %1 (process %2 on %3) %4, at step %5</source>
        <translation>rank %1（进程 %2，位于 %3）%4，时在第 %5 步</translation>
    </message>
    <message>
        <source>rank %1 (process %2) %3, at step %4; the last lines of its log:</source>
        <translation>rank %1（进程 %2）%3，时在第 %4 步；其日志的最后几行：</translation>
    </message>
    <message>
        <source>rank %1 (process %2) %3, at step %4</source>
        <translation>rank %1（进程 %2）%3，时在第 %4 步</translation>
    </message>
    <message>
        <source>rank %1 %2, at step %3; the last lines of its log:</source>
        <translation>rank %1 %2，时在第 %3 步；其日志的最后几行：</translation>
    </message>
    <message>
        <source>rank %1 %2, at step %3</source>
        <translation>rank %1 %2，时在第 %3 步</translation>
    </message>
    <message>
        <source>all workers are lost; the last one: %1</source>
        <translation>所有工作进程均已失去；最后一个：%1</translation>
    </message>
    <message>
        <source>%1; the run goes on from its last checkpoint (%2 of %3 times)</source>
        <translation>%1；运行从最后的检查点继续（第 %2 次，共可 %3 次）</translation>
    </message>
    <message>
        <source>%1; it has no checkpoint to go on from: set /training/checkpoint_every_steps</source>
        <translation>%1；没有可继续的检查点：请设置 /training/checkpoint_every_steps</translation>
    </message>
    <message>
        <source>%1; it has no checkpoint to go on from: the first is behind its training</source>
        <translation>%1；没有可继续的检查点：第一个在训练之后</translation>
    </message>
    <message>
        <source>%1; it had not joined the others yet</source>
        <translation>%1；它尚未加入其余工作进程</translation>
    </message>
    <message>
        <source>its results are not all on the disk: %1</source>
        <translation>结果未全部写入磁盘：%1</translation>
    </message>
    <message>
        <source>%1 of %2 workers had finished</source>
        <translation>%2 个工作进程中已有 %1 个完成</translation>
    </message>
    <message>
        <source>%1 of %2 workers go on</source>
        <translation>%2 个工作进程中的 %1 个继续</translation>
    </message>
    <message>
        <source>rank %1 was lost</source>
        <translation>rank %1 失去联系</translation>
    </message>
    <message>
        <source>rank %1 left the group: %2</source>
        <translation>rank %1 离开了组：%2</translation>
    </message>
    <message>
        <source>nobody is left who has the parameters</source>
        <translation>已没有谁拥有参数</translation>
    </message>
    <message>
        <source>it was stopped while too few were left</source>
        <translation>剩余过少时被停止</translation>
    </message>
    <message>
        <source>%1 is left, and /elastic/min_workers is %2</source>
        <translation>只剩 %1 个，而 /elastic/min_workers 为 %2</translation>
    </message>
    <message>
        <source>%1 are left, and /elastic/min_workers is %2</source>
        <translation>只剩 %1 个，而 /elastic/min_workers 为 %2</translation>
    </message>
    <message>
        <source>%1 worker left, and /elastic/min_workers is %2</source>
        <translation>只剩 %1 个工作进程，而 /elastic/min_workers 为 %2</translation>
    </message>
    <message>
        <source>the group broke up %1 times at step %2, though no worker is lost</source>
        <translation>组在第 %2 步解散了 %1 次，虽然没有失去工作进程</translation>
    </message>
    <message>
        <source>%1 worker from step %2 on, %3 before</source>
        <translation>从第 %2 步起有 %1 个工作进程，此前为 %3 个</translation>
    </message>
    <message>
        <source>%1 workers from step %2 on, %3 before</source>
        <translation>从第 %2 步起有 %1 个工作进程，此前为 %3 个</translation>
    </message>
    <message>
        <source>%1 worker from step %2 on, %3 before: %4</source>
        <translation>从第 %2 步起有 %1 个工作进程，此前为 %3 个：%4</translation>
    </message>
    <message>
        <source>%1 workers from step %2 on, %3 before: %4</source>
        <translation>从第 %2 步起有 %1 个工作进程，此前为 %3 个：%4</translation>
    </message>
    <message>
        <source>as was asked</source>
        <translation>按请求</translation>
    </message>
    <message>
        <source>rank %1 could not be started: %2</source>
        <translation>rank %1 无法启动：%2</translation>
    </message>
    <message>
        <source>rank %1 could not be started</source>
        <translation>rank %1 无法启动</translation>
    </message>
    <message>
        <source>the engine ended while the run went on; it has no checkpoint to go on from</source>
        <translation>运行期间引擎结束；没有可继续的检查点</translation>
    </message>
    <message>
        <source>the engine ended while the run went on; it goes on from step %1</source>
        <translation>运行期间引擎结束；运行从第 %1 步继续</translation>
    </message>
    <message>
        <source>the engine ended while the run went on; it can be resumed from step %1</source>
        <translation>运行期间引擎结束；可从第 %1 步恢复</translation>
    </message>
    <message>
        <source>the engine was stopped while the run went on</source>
        <translation>运行期间引擎被停止</translation>
    </message>
    <message>
        <source>it was ended at once, by request</source>
        <translation>按请求立即结束</translation>
    </message>
    <message>
        <source>the engine is ending</source>
        <translation>引擎正在结束</translation>
    </message>
    <message>
        <source>the run was ended</source>
        <translation>运行已结束</translation>
    </message>
    <message>
        <source>the loss is %1 at step %2 (epoch %3); the last checkpoint is kept. Try a smaller /optimizer/learning_rate</source>
        <translation>第 %2 步（第 %3 轮）的损失为 %1；最后的检查点已保留。请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>the loss is %1 in round %2, at local step %3 of client %4; the last checkpoint is kept. Try a smaller /optimizer/learning_rate</source>
        <translation>第 %2 通信轮中客户端 %4 的本地第 %3 步损失为 %1；最后的检查点已保留。请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>what goes from stage to stage at step %1 is not finite, try a smaller /optimizer/learning_rate</source>
        <translation>第 %1 步在阶段之间传递的内容不是有限的数，请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>all workers are lost; there is nobody left to serve</source>
        <translation>所有工作进程均已失去；没有谁需要服务</translation>
    </message>
    <message>
        <source>a worker was lost while the others waited for all to be ready</source>
        <translation>其余工作进程等待全体就绪时失去了一个工作进程</translation>
    </message>
    <message>
        <source>a worker was lost: the group forms anew</source>
        <translation>失去了一个工作进程：组重新形成</translation>
    </message>
    <message>
        <source>the other workers were not ready in time</source>
        <translation>其他工作进程未及时就绪</translation>
    </message>
    <message>
        <source>the engine formed no other group in time</source>
        <translation>引擎未及时形成新的组</translation>
    </message>
    <message>
        <source>the engine did not take the results in time</source>
        <translation>引擎未及时接收结果</translation>
    </message>
    <message>
        <source>the engine has hung up</source>
        <translation>引擎断开了连接</translation>
    </message>
    <message>
        <source>the engine is gone: %1</source>
        <translation>引擎已不在：%1</translation>
    </message>
    <message>
        <source>this worker was given up as lost</source>
        <translation>此工作进程被视为失去</translation>
    </message>
    <message>
        <source>rank %1 could not write its part of the checkpoint</source>
        <translation>rank %1 未能写入它那部分检查点</translation>
    </message>
    <message>
        <source>rank %1: the run stops without the checkpoint before step %2: %3</source>
        <translation>rank %1：运行停止，没有第 %2 步之前的检查点：%3</translation>
    </message>
    <message>
        <source>no checkpoint before step %1: a rank is lost, and its part with it</source>
        <translation>没有第 %1 步之前的检查点：失去了一个 rank，它那部分也随之失去</translation>
    </message>
    <message>
        <source>the checkpoint before step %1 took more than %2 s</source>
        <translation>第 %1 步之前的检查点用时超过 %2 s</translation>
    </message>
    <message>
        <source>there is no room for the checkpoint before step %1</source>
        <translation>没有空间存放第 %1 步之前的检查点</translation>
    </message>
    <message>
        <source>the disk of %1 has %2 bytes left, too few for a checkpoint of %3 and %4 to spare</source>
        <translation>%1 所在磁盘只剩 %2 字节，不足以存放 %3 字节的检查点并余下 %4 字节</translation>
    </message>
    <message>
        <source>the disk of %1 has %2 bytes left, too few for %3 of %4 bytes</source>
        <translation>%1 所在磁盘只剩 %2 字节，不足以存放 %4 字节的 %3</translation>
    </message>
    <message>
        <source>%1; the run goes on by itself once there is room</source>
        <translation>%1；有空间后运行会自动继续</translation>
    </message>
    <message>
        <source>%1, and the run stops without it</source>
        <translation>%1，运行停止，没有它</translation>
    </message>
    <message>
        <source>%1; the run stops without it, and keeps the one before</source>
        <translation>%1；运行停止，没有它，保留前一个</translation>
    </message>
    <message>
        <source>was written by another experiment (model, optimiser or number of workers differ)</source>
        <translation>由另一实验写出（模型、优化器或工作进程数不同）</translation>
    </message>
    <message>
        <source>the parameters are not kept: %1</source>
        <translation>参数未保留：%1</translation>
    </message>
    <message>
        <source>rank 0: there is no room for the model behind &quot;%1&quot;; the run stops, and can go on behind the last step of its recipe that was kept</source>
        <translation>rank 0：没有空间存放“%1”之后的模型；运行停止，可从配方中最后保留的一步之后继续</translation>
    </message>
    <message>
        <source>the servers gave no parameters for %1 s</source>
        <translation>服务器 %1 s 内没有给出参数</translation>
    </message>
    <message>
        <source>rank %1: connection lost</source>
        <translation>rank %1：连接中断</translation>
    </message>
    <message>
        <source>rank %1: nothing for %2 s</source>
        <translation>rank %1：%2 s 内没有任何消息</translation>
    </message>
    <message>
        <source>ranks %1: nothing for %2 s</source>
        <translation>rank %1：%2 s 内没有任何消息</translation>
    </message>
    <message>
        <source>rank %1: has left the run</source>
        <translation>rank %1：已离开运行</translation>
    </message>
    <message>
        <source>rank %1: has not connected; nobody was refused</source>
        <translation>rank %1：未连接；没有拒绝任何连接</translation>
    </message>
    <message>
        <source>rank %1: is lost, and with it shard %2 of the parameters, which nobody else has</source>
        <translation>rank %1：已失去，参数的分片 %2 随之失去，别处没有</translation>
    </message>
    <message>
        <source>rank %1: gave no answer for shard %2 for %3 s</source>
        <translation>rank %1：%3 s 内没有应答分片 %2</translation>
    </message>
    <message>
        <source>rank %1: lost rank %2 (%3); goes on with the others</source>
        <translation>rank %1：失去了 rank %2（%3）；与其余 rank 继续</translation>
    </message>
    <message>
        <source>rank %1: not all have come to the last mean within %2 s; a rank hangs</source>
        <translation>rank %1：%2 s 内并非所有 rank 都到达最后的平均；有 rank 停住了</translation>
    </message>
    <message>
        <source>%1 (told by rank %2)</source>
        <translation>%1（由 rank %2 告知）</translation>
    </message>
    <message>
        <source>rank %1: %2</source>
        <translation>rank %1：%2</translation>
    </message>
    <message>
        <source>run %1: %2</source>
        <translation>运行 %1：%2</translation>
    </message>
    <message>
        <source>the rank %1 of the MPI world had ended</source>
        <translation>MPI 世界的 rank %1 已结束</translation>
    </message>
    <message>
        <source>mpirun ended all when rank %1 of the MPI world had ended</source>
        <translation>MPI 世界的 rank %1 结束时，mpirun 结束了全部</translation>
    </message>
    <message>
        <source>mpirun ended with exit code %1</source>
        <translation>mpirun 以退出码 %1 结束</translation>
    </message>
    <message>
        <source>the program %1 is missing (looked in %2); install Concertina again, or set CONCERTINA_PROGRAMS to the folder that holds it</source>
        <translation>缺少程序 %1（已查找 %2）；请重新安装 Concertina，或把 CONCERTINA_PROGRAMS 设为其所在文件夹</translation>
    </message>
    <message>
        <source>there is no %1 in %2; install the package %3</source>
        <translation>%2 中没有 %1；请安装软件包 %3</translation>
    </message>
    <message>
        <source>the engine of %1 ended before it listened: %2</source>
        <translation>%1 的引擎在开始监听之前就已结束：%2</translation>
    </message>
    <message>
        <source>another engine (process %1) has the home %2; use that one, or give this one another --home</source>
        <translation>另一引擎（进程 %1）占用了主目录 %2；请使用它，或给此引擎另一个 --home</translation>
    </message>
    <message>
        <source>the disk of %1 is as good as full; nothing was taken in</source>
        <translation>%1 所在磁盘几乎已满；什么也没有导入</translation>
    </message>
    <message>
        <source>the module %1 of the transport &quot;%2&quot; is not there (looked in %3): Concertina was built without %4. Install %5 and build it again, or take another /network/transport</source>
        <translation>没有传输方式“%2”的模块 %1（已查找 %3）：Concertina 构建时没有 %4。请安装 %5 后重新构建，或改用其他 /network/transport</translation>
    </message>
    <message>
        <source>joining %1: %2</source>
        <translation>加入 %1：%2</translation>
    </message>
    <message>
        <source>waiting for the other workers: %1</source>
        <translation>等待其他工作进程：%1</translation>
    </message>
    <message>
        <source>waiting for another group: %1</source>
        <translation>等待另一组：%1</translation>
    </message>
    <message>
        <source>the engine at %1 gave no assignment in time</source>
        <translation>%1 的引擎未及时分配任务</translation>
    </message>
    <message>
        <source>the engine has not stored this rank&apos;s measurements within %1 s</source>
        <translation>引擎在 %1 s 内没有保存此 rank 的测量数据</translation>
    </message>
    <message>
        <source>the run ended, or went on without it, before this worker had a part in it</source>
        <translation>此工作进程参与之前，运行已结束，或已撇下它继续</translation>
    </message>
    <message>
        <source>the run is over for this worker</source>
        <translation>对此工作进程而言运行已结束</translation>
    </message>
    <message>
        <source>nobody is left to wait for</source>
        <translation>已没有可等待的 rank</translation>
    </message>
    <message>
        <source>ranks %1: all of them have left the run</source>
        <translation>rank %1：全部已离开运行</translation>
    </message>
    <message>
        <source>the disk of rank %1 has no room for its part</source>
        <translation>rank %1 的磁盘没有空间存放它那部分</translation>
    </message>
    <message>
        <source>the disk of rank 0 has no room for its manifest</source>
        <translation>rank 0 的磁盘没有空间存放清单</translation>
    </message>
    <message>
        <source>rank %1 could not write its part of the recipe&apos;s state</source>
        <translation>rank %1 未能写入它那部分配方状态</translation>
    </message>
    <message>
        <source>rank %1: not all have said within %2 s whether they have the last mean; a rank hangs</source>
        <translation>rank %1：%2 s 内并非所有 rank 都说明是否有最后的平均；有 rank 停住了</translation>
    </message>
    <message>
        <source>rank %1: has asked a neighbour for %2 s</source>
        <translation>rank %1：已向邻居请求了 %2 s</translation>
    </message>
    <message>
        <source>rank %1: %2 of %3 workers are left, in %4 parts with no way between them: each part agrees on parameters of its own until the end</source>
        <translation>rank %1：%3 个工作进程中剩 %2 个，分成互不相通的 %4 部分：直到结束，各部分各自一致</translation>
    </message>
    <message>
        <source>rank %1: %2 of %3 workers are left</source>
        <translation>rank %1：%3 个工作进程中剩 %2 个</translation>
    </message>
    <message>
        <source>was killed by signal %1 (%2)</source>
        <translation>被信号 %1（%2）杀死</translation>
    </message>
    <message>
        <source>could not be started: %1</source>
        <translation>无法启动：%1</translation>
    </message>
    <message>
        <source>ended: %1</source>
        <translation>结束：%1</translation>
    </message>
    <message>
        <source>ended with exit code 127 (its program could not be started)</source>
        <translation>以退出码 127 结束（程序无法启动）</translation>
    </message>
    <message>
        <source>ended with exit code %1</source>
        <translation>以退出码 %1 结束</translation>
    </message>
    <message>
        <source>hung up, although it still runs</source>
        <translation>断开了连接，虽然仍在运行</translation>
    </message>
    <message>
        <source>hung up, or its machine is gone</source>
        <translation>断开了连接，或其机器已不在</translation>
    </message>
    <message>
        <source>was not ready within %1 s</source>
        <translation>%1 s 内未就绪</translation>
    </message>
    <message>
        <source>did not call home within %1 s</source>
        <translation>%1 s 内未与引擎联系</translation>
    </message>
    <message>
        <source>said nothing for %1 s</source>
        <translation>%1 s 没有消息</translation>
    </message>
    <message>
        <source>made no step for %1 s in phase &quot;%2&quot;, and neither did any other</source>
        <translation>在阶段“%2”中 %1 s 没有前进一步，其他工作进程也都没有</translation>
    </message>
    <message>
        <source>made no step for %1 s in phase &quot;%2&quot;</source>
        <translation>在阶段“%2”中 %1 s 没有前进一步</translation>
    </message>
    <message>
        <source>failed: %1</source>
        <translation>失败：%1</translation>
    </message>
    <message>
        <source>left its group: %1</source>
        <translation>离开了组：%1</translation>
    </message>
    <message>
        <source>did not leave its group within %1 s</source>
        <translation>%1 s 内没有离开组</translation>
    </message>
    <message>
        <source>broke the protocol: %1</source>
        <translation>违反协议：%1</translation>
    </message>
    <message>
        <source>built a model of %1 parameters and %2 steps, rank 0 one of %3 and %4</source>
        <translation>构建的模型有 %1 个参数、%2 步，而 rank 0 的有 %3 个参数、%4 步</translation>
    </message>
    <message>
        <source>is of version %1, the engine of %2: install both anew</source>
        <translation>版本为 %1，而引擎为 %2：请重新安装二者</translation>
    </message>
    <message>
        <source>sent a file that was refused: %1</source>
        <translation>发送的文件被拒绝：%1</translation>
    </message>
    <message>
        <source>cannot be given its checkpoint: %1</source>
        <translation>无法把检查点交给它：%1</translation>
    </message>
    <message>
        <source>it has ended already</source>
        <translation>它已结束</translation>
    </message>
    <message>
        <source>unexpected %1, expected %2</source>
        <translation>意外的 %1，应为 %2</translation>
    </message>
    <message>
        <source>unexpected %1</source>
        <translation>意外的 %1</translation>
    </message>
    <message>
        <source>invalid literal, expected %1</source>
        <translation>无效的字面量，应为 %1</translation>
    </message>
    <message>
        <source>invalid literal</source>
        <translation>无效的字面量</translation>
    </message>
    <message>
        <source>string literal</source>
        <translation>字符串</translation>
    </message>
    <message>
        <source>number literal</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>end of input</source>
        <translation>文本结尾</translation>
    </message>
    <message>
        <source>&apos;%1&apos; or &apos;%2&apos;</source>
        <translation>&apos;%1&apos; 或 &apos;%2&apos;</translation>
    </message>
    <message>
        <source>queued</source>
        <translation>排队中</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>启动中</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>停止中</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>已失败</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 或 false</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>one</source>
        <translation>一个数</translation>
    </message>
    <message>
        <source>a number from %1 to %2</source>
        <translation>%1 到 %2 的数</translation>
    </message>
    <message>
        <source>a number of at least %1</source>
        <translation>不小于 %1 的数</translation>
    </message>
    <message>
        <source>a number of at most %1</source>
        <translation>不大于 %1 的数</translation>
    </message>
    <message>
        <source>a whole number from %1 to %2</source>
        <translation>%1 到 %2 的整数</translation>
    </message>
    <message>
        <source>a whole number of at least %1</source>
        <translation>不小于 %1 的整数</translation>
    </message>
    <message>
        <source>a whole number of at most %1</source>
        <translation>不大于 %1 的整数</translation>
    </message>
    <message>
        <source>one from %1 to %2</source>
        <translation>%1 到 %2</translation>
    </message>
    <message>
        <source>one of at least %1</source>
        <translation>不小于 %1</translation>
    </message>
    <message>
        <source>one of at most %1</source>
        <translation>不大于 %1</translation>
    </message>
    <message>
        <source>a list of whole numbers, each one</source>
        <translation>整数列表</translation>
    </message>
    <message>
        <source>a list of whole numbers, each %1</source>
        <translation>整数列表，其中每个数：%1</translation>
    </message>
    <message>
        <source>a text in quotes</source>
        <translation>带引号的文本</translation>
    </message>
    <message>
        <source>one of %1</source>
        <translation>下列之一：%1</translation>
    </message>
    <message>
        <source>an object like {&quot;kind&quot;: …}, kind one of %1</source>
        <translation>形如 {&quot;kind&quot;: …} 的对象，kind 为下列之一：%1</translation>
    </message>
    <message>
        <source>an object like %1</source>
        <translation>形如 %1 的对象</translation>
    </message>
    <message>
        <source>%1 takes no parameters</source>
        <translation>%1 没有参数</translation>
    </message>
    <message>
        <source>a parameter of %1: %2</source>
        <translation>%1 的参数：%2</translation>
    </message>
    <message>
        <source>a value: %1</source>
        <translation>一个值：%1</translation>
    </message>
    <message>
        <source>each name once</source>
        <translation>每个名称只出现一次</translation>
    </message>
    <message>
        <source>%1 twice</source>
        <translation>%1 出现两次</translation>
    </message>
    <message>
        <source>more than %1 levels of brackets</source>
        <translation>超过 %1 层括号</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>不超过 %1</translation>
    </message>
    <message>
        <source>at most %1 bytes</source>
        <translation>不超过 %1 字节</translation>
    </message>
    <message>
        <source>a text of %1 bytes</source>
        <translation>%1 字节的文本</translation>
    </message>
    <message>
        <source>%1 more faults</source>
        <translation>另有 %1 处错误</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>line %1, column %2</source>
        <translation>第 %1 行第 %2 列</translation>
    </message>
    <message>
        <source>one line of at most %1 bytes</source>
        <translation>不超过 %1 字节的单行文本</translation>
    </message>
    <message>
        <source>an object: {…}</source>
        <translation>对象：{…}</translation>
    </message>
    <message>
        <source>%1 has none: leave it out</source>
        <translation>%1 没有 kind：请去掉</translation>
    </message>
    <message>
        <source>a list of codecs: put it in [ ]</source>
        <translation>编解码器的列表：请放在 [ ] 中</translation>
    </message>
    <message>
        <source>a list of codecs, [] for none</source>
        <translation>编解码器的列表，没有则为 []</translation>
    </message>
    <message>
        <source>a list of %1</source>
        <translation>%1 项的列表</translation>
    </message>
    <message>
        <source>a list of at most %1 like [%2]</source>
        <translation>不超过 %1 项的列表，形如 [%2]</translation>
    </message>
    <message>
        <source>a list of at least one like %1</source>
        <translation>至少一项的列表，形如 %1</translation>
    </message>
    <message>
        <source>a pattern of layers&apos; names like &quot;conv*&quot;</source>
        <translation>层名的模式，如 &quot;conv*&quot;</translation>
    </message>
    <message>
        <source>a pattern that fits a layer with parameters: %1 and %2 more</source>
        <translation>能匹配某个有参数的层的模式：%1，另有 %2 个</translation>
    </message>
    <message>
        <source>a pattern that fits a layer with parameters: %1</source>
        <translation>能匹配某个有参数的层的模式：%1</translation>
    </message>
    <message>
        <source>[]: the exchange &quot;%1&quot; sends vectors of all layers together, which take the one chain of /gradient; or an exchange that averages gradients in buckets, like all-reduce</source>
        <translation>[]：交换方式“%1”发送的是所有层合在一起的向量，只用 /gradient 这一条链；或改用按分桶平均梯度的交换方式，如 all-reduce</translation>
    </message>
    <message>
        <source>%1 with this exchange (&quot;%2&quot;): nobody there adds up how gradients changed; or an exchange in step that averages gradients, like all-reduce</source>
        <translation>用此交换方式（“%2”）时取 %1：那里没有谁累加梯度的变化；或改用步调一致地平均梯度的交换方式，如 all-reduce</translation>
    </message>
    <message>
        <source>another codec</source>
        <translation>另一编解码器</translation>
    </message>
    <message>
        <source>false with this exchange (&quot;%1&quot;): nobody there has what all workers sent; or all-reduce, or a synchronous parameter-server without backup workers</source>
        <translation>用此交换方式（“%1”）时取 false：那里没有谁拥有所有工作进程发送的内容；或改用 all-reduce，或没有后备工作进程的同步 parameter-server</translation>
    </message>
    <message>
        <source>%1 patterns</source>
        <translation>%1 个模式</translation>
    </message>
    <message>
        <source>none with the optimiser %1: one chain takes all momentum</source>
        <translation>用优化器 %1 时应没有：全部动量走同一条链</translation>
    </message>
    <message>
        <source>&quot;adam&quot; with this exchange (&quot;%1&quot; with dedicated servers): momentum is averaged by all-reduce, or by a parameter-server in step that lies with the workers</source>
        <translation>用此交换方式（“%1”，带专用服务器）时取 &quot;adam&quot;：动量由 all-reduce 平均，或由位于工作进程上、步调一致的 parameter-server 平均</translation>
    </message>
    <message>
        <source>&quot;adam&quot; with this exchange (&quot;%1&quot;): momentum is averaged by all-reduce, or by a parameter-server in step that lies with the workers</source>
        <translation>用此交换方式（“%1”）时取 &quot;adam&quot;：动量由 all-reduce 平均，或由位于工作进程上、步调一致的 parameter-server 平均</translation>
    </message>
    <message>
        <source>no codec</source>
        <translation>没有编解码器</translation>
    </message>
    <message>
        <source>[{&quot;kind&quot;: &quot;onebit&quot;}], or another codec for the momentum that %1 averages; without, take adamw</source>
        <translation>[{&quot;kind&quot;: &quot;onebit&quot;}]，或另一个用于 %1 所平均的动量的编解码器；不要编解码器则用 adamw</translation>
    </message>
    <message>
        <source>onebit, signsgd or another codec with error feedback that is gathered, with the optimiser %1: %2</source>
        <translation>用优化器 %1 时，取 onebit、signsgd 或其他带误差反馈且逐一收集的编解码器：%2</translation>
    </message>
    <message>
        <source>the momentum would be there twice</source>
        <translation>否则动量会出现两次</translation>
    </message>
    <message>
        <source>two would add up what is sent</source>
        <translation>否则发送的内容会被两处累加</translation>
    </message>
    <message>
        <source>a vote has no size, and momentum needs one</source>
        <translation>表决没有大小，而动量需要大小</translation>
    </message>
    <message>
        <source>what it sends is summed as gradients</source>
        <translation>它发送的内容会当作梯度求和</translation>
    </message>
    <message>
        <source>a JSON pointer like &quot;/gradient/0/ratio&quot;</source>
        <translation>JSON 指针，如 &quot;/gradient/0/ratio&quot;</translation>
    </message>
    <message>
        <source>what can change while a run goes: one of %1</source>
        <translation>运行期间可改的设置，下列之一：%1</translation>
    </message>
    <message>
        <source>one policy a knob: /knobs/%1 turns it already</source>
        <translation>每个可调参数一个策略：/knobs/%1 已在调节它</translation>
    </message>
    <message>
        <source>a setting of the type %1</source>
        <translation>类型为 %1 的设置</translation>
    </message>
    <message>
        <source>a number: policies turn no others</source>
        <translation>数：策略只调节数</translation>
    </message>
    <message>
        <source>a value of %1, from %2 to %3</source>
        <translation>%1 的值，从 %2 到 %3</translation>
    </message>
    <message>
        <source>no policy with the exchange &quot;%1&quot;: its workers %2; or an exchange in step, like all-reduce</source>
        <translation>用交换方式“%1”时不设策略：其工作进程%2；或改用步调一致的交换方式，如 all-reduce</translation>
    </message>
    <message>
        <source>a minimum below the maximum: found %1 and %2</source>
        <translation>小于最大值的最小值：实为 %1 和 %2</translation>
    </message>
    <message>
        <source>an end_step of %1 or more, where it begins: found %2</source>
        <translation>不小于起点 %1 的 end_step：实为 %2</translation>
    </message>
    <message>
        <source>a factor %1 1, which leads from %2 to %3: found %4</source>
        <translation>%1 1 的因子，以从 %2 到达 %3：实为 %4</translation>
    </message>
    <message>
        <source>below</source>
        <translation>小于</translation>
    </message>
    <message>
        <source>above</source>
        <translation>大于</translation>
    </message>
    <message>
        <source>1 with the step &quot;%1&quot; of /recipe, which trains more than the model</source>
        <translation>/recipe 中有“%1”这一步时取 1，它训练的不止是模型</translation>
    </message>
    <message>
        <source>more than 0, or a /recipe that begins at once</source>
        <translation>大于 0，或一开始就执行的 /recipe</translation>
    </message>
    <message>
        <source>%1 steps</source>
        <translation>%1 步</translation>
    </message>
    <message>
        <source>[] with the exchange &quot;%1&quot;, which trains in rounds; or an exchange that trains in epochs, like all-reduce</source>
        <translation>用交换方式“%1”时取 []，它按通信轮训练；或改用按轮训练的交换方式，如 all-reduce</translation>
    </message>
    <message>
        <source>1 with a /recipe: layers that a step makes narrower cannot be divided any more</source>
        <translation>有 /recipe 时取 1：被某一步变窄的层无法再切分</translation>
    </message>
    <message>
        <source>%1 workers</source>
        <translation>%1 个工作进程</translation>
    </message>
    <message>
        <source>at most %1, the workers of /workers</source>
        <translation>不超过 %1，即 /workers 的工作进程数</translation>
    </message>
    <message>
        <source>at least %1, the workers of /workers; or 0</source>
        <translation>不小于 %1，即 /workers 的工作进程数；或 0</translation>
    </message>
    <message>
        <source>the name of a launcher</source>
        <translation>启动器的名称</translation>
    </message>
    <message>
        <source>the launcher&apos;s name under &quot;launcher&quot;</source>
        <translation>写在 &quot;launcher&quot; 下的启动器名称</translation>
    </message>
    <message>
        <source>%1, and %2 to serve</source>
        <translation>%1，另有 %2 个作服务器</translation>
    </message>
    <message>
        <source>%1, the workers of /workers: change one of them, or leave /mesh/data out</source>
        <translation>%1，即 /workers 的工作进程数：请改其中之一，或去掉 /mesh/data</translation>
    </message>
    <message>
        <source>an exchange between %1 workers, or one worker</source>
        <translation>%1 个工作进程之间的交换方式，或只用一个工作进程</translation>
    </message>
    <message>
        <source>auto: the launcher &quot;%1&quot; of /workers/%2 starts other processes</source>
        <translation>auto：/workers/%2 的启动器“%1”启动的是其他进程</translation>
    </message>
    <message>
        <source>auto: the workers of the launcher &quot;%1&quot; of /workers/%2 are elsewhere</source>
        <translation>auto：/workers/%2 的启动器“%1”的工作进程在别处</translation>
    </message>
    <message>
        <source>auto, or one entry of /workers: the %1 there are would be as many MPI worlds</source>
        <translation>auto，或 /workers 只有一项：现有的 %1 项会成为同样多个 MPI 世界</translation>
    </message>
    <message>
        <source>auto: the launcher &quot;%1&quot; of /workers/%2 starts no MPI world; local and slurm do</source>
        <translation>auto：/workers/%2 的启动器“%1”不启动 MPI 世界；local 和 slurm 会</translation>
    </message>
    <message>
        <source>auto: between the pods of the launcher &quot;kubernetes&quot; of /workers/%1 only mutual TLS is meant to pass</source>
        <translation>auto：/workers/%1 的启动器“kubernetes”的各 pod 之间只应通过双向 TLS</translation>
    </message>
    <message>
        <source>a number that divides the batch: %1; or a /training/batch_size of %2</source>
        <translation>能整除批大小的数：%1；或 /training/batch_size 为 %2</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <translation>%1 或 %2</translation>
    </message>
    <message>
        <source>thread</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>client</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>clients</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>步</translation>
    </message>
    <message>
        <source>channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>features</source>
        <translation>特征</translation>
    </message>
    <message>
        <source>a rank from 0 to %1, of /workers</source>
        <translation>0 到 %1 的 rank，属于 /workers</translation>
    </message>
    <message>
        <source>more than from_step, which is %1; or 0</source>
        <translation>大于 from_step（%1）；或 0</translation>
    </message>
    <message>
        <source>the rank at the link&apos;s first end</source>
        <translation>链路第一端的 rank</translation>
    </message>
    <message>
        <source>another rank than the first</source>
        <translation>与第一个不同的 rank</translation>
    </message>
    <message>
        <source>ranks from 0 to %1, of /workers</source>
        <translation>0 到 %1 的 rank，属于 /workers</translation>
    </message>
    <message>
        <source>one twice</source>
        <translation>有一个出现两次</translation>
    </message>
    <message>
        <source>each once</source>
        <translation>每个一次</translation>
    </message>
    <message>
        <source>some of them: between nobody and all there is no link to cut</source>
        <translation>其中一部分：没有谁与全体之间没有可切断的链路</translation>
    </message>
    <message>
        <source>no kind of fault</source>
        <translation>没有任何故障种类</translation>
    </message>
    <message>
        <source>one or more to be true</source>
        <translation>至少一个为 true</translation>
    </message>
    <message>
        <source>false with one worker</source>
        <translation>只有一个工作进程时取 false</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%2 个中的 %1 个</translation>
    </message>
    <message>
        <source>By hand: %1</source>
        <translation>手动：%1</translation>
    </message>
    <message>
        <source>the whole path, from &quot;/&quot; on, on the engine&apos;s machine</source>
        <translation>引擎所在机器上以“/”开头的完整路径</translation>
    </message>
    <message>
        <source>numbers of cores and ranges of them, as 0-3,6</source>
        <translation>核心编号及其范围,如 0-3,6</translation>
    </message>
    <message>
        <source>cores that the engine may use: %1</source>
        <translation>引擎可用的核心:%1</translation>
    </message>
    <message>
        <source>clients, rounds, whole_batch and goes_on_without_lost cannot change while a run goes; start another run</source>
        <translation>clients、rounds、whole_batch 和 goes_on_without_lost 在运行过程中不能更改；请另启动一次运行</translation>
    </message>
    <message>
        <source>step %1, %2: gradient element %3 is %4, expected a finite number; lower the learning rate</source>
        <translation>第 %1 步，%2：梯度元素 %3 为 %4，应为有限数；请降低学习率</translation>
    </message>
    <message>
        <source>layers &quot;%1&quot;: &quot;!%2&quot; leaves out no layer of the model (is &quot;%3&quot; meant?): it has %4</source>
        <translation>层“%1”：“!%2”没有排除模型的任何层（是否想写“%3”？）：模型有 %4</translation>
    </message>
    <message>
        <source>layers &quot;%1&quot;: &quot;!%2&quot; leaves out no layer of the model: it has %3</source>
        <translation>层“%1”：“!%2”没有排除模型的任何层：模型有 %3</translation>
    </message>
    <message>
        <source>what %1 does not send of a gradient is lost for good, and it errs to one side: training may stay behind, or go nowhere; set %2 to true, unless that is what you want to see</source>
        <translation>%1 没有发送的梯度部分会永久丢失，而且误差偏向一侧：训练可能落后，甚至毫无进展；请将 %2 设为 true，除非这正是您想观察的</translation>
    </message>
    <message>
        <source>ranks of the exchange &quot;%1&quot; do not keep step, and would give each other up as lost while a message waits for a person; its messages can be recorded and replayed, or one at a time with /exchange/goes_on_without_lost false</source>
        <translation>交换方式“%1”的各进程步调不一，消息等人放行时会互相判为丢失；可以录制并回放其消息，或将 /exchange/goes_on_without_lost 设为 false 后逐条观看</translation>
    </message>
    <message>
        <source>no policy with the exchange &quot;%1&quot;: its workers %2; or /exchange/goes_on_without_lost false</source>
        <translation>交换方式“%1”下不用策略：其工作进程%2；或将 /exchange/goes_on_without_lost 设为 false</translation>
    </message>
    <message>
        <source>ad-psgd averages whole parameters of pairs that meet at random, and a codec needs a copy that both know of the last meeting: one for each neighbour; take choco-sgd or gossip, which compress what has changed, or leave /gradient out</source>
        <translation>ad-psgd 对随机相遇的两个工作进程的完整参数取平均，而编解码器需要双方都知道的上次相遇时的副本，即每个邻居一份；请改用压缩变化量的 choco-sgd 或 gossip，或去掉 /gradient</translation>
    </message>
    <message>
        <source>%1 is error feedback already: what the codec holds back stays in the difference to the public copy, and would be counted twice; make it false</source>
        <translation>%1 本身就是误差反馈：编解码器留下的部分保留在与公开副本的差中，再反馈会计算两次；请设为 false</translation>
    </message>
    <message>
        <source>%1 adds up what the codec makes of differences, and one that may lose more than it is given drives them apart; take one that loses less, like int8, top-k without error_feedback, or qsgd with more levels</source>
        <translation>%1 会累加编解码器对差值的编码结果，若编解码器丢失的可能比给它的还多，差值就会发散；请改用损失较小的编解码器，例如 int8、不带 error_feedback 的 top-k，或级数更多的 qsgd</translation>
    </message>
    <message>
        <source>%1 has other neighbours at each step, who do not know the public copies that a codec&apos;s differences are added to; take ring, torus, hypercube or complete, or leave /gradient out</source>
        <translation>%1 每一步的邻居都不同，它们不知道编解码器的差值所要加到的公开副本；请改用 ring、torus、hypercube 或 complete，或去掉 /gradient</translation>
    </message>
    <message>
        <source>%1 with a model that is divided over a pipeline or tensor axis: each part would drop the gradients of other workers; take 0, or mode &quot;stale-synchronous&quot;</source>
        <translation>%1，而模型被流水线轴或张量轴切分：各个部分会丢弃不同工作进程的梯度；请取 0，或使用模式 &quot;stale-synchronous&quot;</translation>
    </message>
    <message>
        <source>%1: what %2 keeps back of one sum would be added to the next, which is of other samples or of another layer</source>
        <translation>%1：%2 从一次求和中保留下来的部分会被加到下一次求和上，而后者属于其他样本或另一层</translation>
    </message>
    <message>
        <source>false, or a codec like fp16: layers need the sum of what the ranks send, and %1 makes a vote of it</source>
        <translation>false，或 fp16 之类的编解码器：各层需要的是各 rank 所发内容之和，而 %1 把它变成投票</translation>
    </message>
    <message>
        <source>a codec like fp16, which takes each sum by itself: %1 goes on from what it was given before</source>
        <translation>fp16 之类对每次求和单独处理的编解码器：%1 会从之前收到的内容继续</translation>
    </message>
    <message>
        <source>payloads of %1 do not sum and are gathered: on a tensor axis of %2 this sends more (%3 MB a step and worker) than no codec would (%4 MB)</source>
        <translation>%1 的载荷不能相加，只能收集：在长度为 %2 的张量轴上，这样发送的量（每步每个工作进程 %3 MB）比不用编解码器（%4 MB）还多</translation>
    </message>
    <message>
        <source>%1 compresses differences of parameters, not gradients: the codec&apos;s momentum, and what it gathers, push the public copies beyond the parameters; take top-k without error_feedback</source>
        <translation>%1 压缩的是参数的差值而不是梯度：编解码器的动量及其累积量会把公开副本推过参数；请改用不带 error_feedback 的 top-k</translation>
    </message>
    <message>
        <source>&quot;%1&quot;: expected a JSON pointer; is %2 meant?</source>
        <translation>“%1”：应为 JSON 指针；是指 %2 吗？</translation>
    </message>
    <message>
        <source>the loss is %1 at step %2 (epoch %3), the parameter %4 is not finite; the last checkpoint is kept. Try a smaller /optimizer/learning_rate</source>
        <translation>第 %2 步（第 %3 轮）的损失为 %1，参数 %4 不是有限数；最后一个检查点已保留。请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>the loss is %1 at step %2 (epoch %3), the gradient of %4 is not finite; the last checkpoint is kept. Try a smaller /optimizer/learning_rate</source>
        <translation>第 %2 步（第 %3 轮）的损失为 %1，%4 的梯度不是有限数；最后一个检查点已保留。请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>the gradient of %1 is not finite at step %2 (epoch %3); the last checkpoint is kept. Try a smaller /optimizer/learning_rate</source>
        <translation>第 %2 步（第 %3 轮）%1 的梯度不是有限数；最后一个检查点已保留。请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>what the tensor axis sums at step %1 is not finite, try a smaller /optimizer/learning_rate</source>
        <translation>第 %1 步张量轴上求和的内容不是有限值，请尝试更小的 /optimizer/learning_rate</translation>
    </message>
    <message>
        <source>was cut off: its certificate was revoked</source>
        <translation>已被切断：其证书已被吊销</translation>
    </message>
    <message>
        <source>was cut off: its certificate has expired</source>
        <translation>已被切断：其证书已过期</translation>
    </message>
    <message>
        <source>would add up their measurements, and wait in vain for one that is lost</source>
        <translation>会把各自的测量值相加，而空等一个已丢失的工作进程</translation>
    </message>
    <message>
        <source>make steps of their own and would turn at different times, while a server reads payloads by the setting that it has itself</source>
        <translation>各自走自己的步，会在不同时刻调整，而服务器按自己的设置读取载荷</translation>
    </message>
    <message>
        <source>1: with %1 each worker trains the whole model of one client after another; or an exchange that trains in epochs, like local-sgd</source>
        <translation>1：使用 %1 时，每个工作进程依次训练一个个客户端的完整模型；或者改用按轮次（epoch）训练的交换方式，例如 local-sgd</translation>
    </message>
</context>
<context>
    <name>DesignModelGraph</name>
    <message>
        <source>Sample</source>
        <extracomment>What a model reads: one sample of the dataset.</extracomment>
        <translation>样本</translation>
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
    <name>HostText</name>
    <message numerus="yes">
        <source>%n core(s)</source>
        <translation>
            <numerusform>%n 个核心</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of memory</source>
        <translation>内存 %1</translation>
    </message>
    <message>
        <source>the worker will be copied there</source>
        <translation>工作程序将被复制到那里</translation>
    </message>
    <message>
        <source>worker of version %1</source>
        <translation>工作程序版本 %1</translation>
    </message>
    <message>
        <source>no datasets</source>
        <extracomment>%1 is a list of names.</extracomment>
        <translation>没有数据集</translation>
    </message>
    <message>
        <source>datasets: %1</source>
        <translation>数据集:%1</translation>
    </message>
    <message>
        <source>%1 is ready for workers (%2): %3.</source>
        <extracomment>%1 is the name of a machine, %2 a time, %3 what it has.</extracomment>
        <translation>%1 已可运行工作进程(%2):%3。</translation>
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
    <name>MeshLiveWords</name>
    <message>
        <source>lost</source>
        <translation>已丢失</translation>
    </message>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>无响应</translation>
    </message>
    <message>
        <source>frozen by a fault of the experiment</source>
        <translation>被实验设定的故障冻结</translation>
    </message>
    <message>
        <source>has failed</source>
        <translation>已失败</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>has left</source>
        <translation>已离开</translation>
    </message>
    <message>
        <source>joining</source>
        <translation>正在加入</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>not started</source>
        <translation>尚未启动</translation>
    </message>
    <message>
        <source>heard of less than a second ago</source>
        <translation>不到一秒前有过消息</translation>
    </message>
    <message>
        <source>heard of %1 ago</source>
        <translation>%1前有过消息</translation>
    </message>
    <message>
        <source>Rank %1: %2</source>
        <extracomment>%2 is a state like &quot;running&quot;</extracomment>
        <translation>Rank %1：%2</translation>
    </message>
    <message>
        <source>process %1</source>
        <translation>进程 %1</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>第 %1 步</translation>
    </message>
    <message>
        <source>%1 in its newest step</source>
        <translation>最新一步为 %1</translation>
    </message>
    <message>
        <source>%1 of memory</source>
        <translation>内存 %1</translation>
    </message>
    <message>
        <source>sends %1</source>
        <translation>发送 %1</translation>
    </message>
    <message>
        <source>gets %1</source>
        <translation>接收 %1</translation>
    </message>
    <message>
        <source>Workers: %1.</source>
        <translation>工作进程：%1。</translation>
    </message>
    <message>
        <source>What goes over the links is not measured now.</source>
        <translation>链路上传输的数据目前没有测量值。</translation>
    </message>
    <message>
        <source>Together they send %1.</source>
        <translation>它们合计发送 %1。</translation>
    </message>
    <message>
        <source>The busiest link is that from rank %1 to %2, with %3.</source>
        <translation>最繁忙的链路是从 rank %1 到 %2，为 %3。</translation>
    </message>
    <message>
        <source>The slowest link, as the experiment has it, is that from rank %1 to %2 (%3).</source>
        <extracomment>%3 is a link like &quot;10 Mbit/s, 5 ms&quot;</extracomment>
        <translation>按实验的设定，最慢的链路是从 rank %1 到 %2（%3）。</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Silent</source>
        <translation>无响应</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>Gone</source>
        <translation>已离开</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>已丢失</translation>
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
    <message>
        <source>Each worker with that part sends %1 to server %2.</source>
        <translation>每个持有该部分的工作进程向服务器 %2 发送 %1。</translation>
    </message>
    <message>
        <source>Each worker with that part sends %1 to rank %2.</source>
        <translation>每个持有该部分的工作进程向进程 %2 发送 %1。</translation>
    </message>
    <message>
        <source>Server %2 sends %1 to each worker with its part.</source>
        <translation>服务器 %2 向每个持有该部分的工作进程发送 %1。</translation>
    </message>
    <message>
        <source>Rank %2 sends %1 to each other with its part.</source>
        <translation>进程 %2 向其他每个持有该部分的进程发送 %1。</translation>
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
    <message>
        <source>the codec</source>
        <translation>编解码器</translation>
    </message>
    <message>
        <source>it pays on any link</source>
        <translation>在任何链路上都划算</translation>
    </message>
    <message>
        <source>it pays on no link</source>
        <translation>在任何链路上都不划算</translation>
    </message>
    <message>
        <source>it pays on links below %1</source>
        <translation>在低于 %1 的链路上划算</translation>
    </message>
    <message>
        <source>it pays on links above %1</source>
        <translation>在高于 %1 的链路上划算</translation>
    </message>
    <message>
        <source>Step without the codec</source>
        <translation>不用编解码器时的一步</translation>
    </message>
    <message>
        <source>Of that, on the tensor axis</source>
        <translation>其中张量轴上</translation>
    </message>
    <message>
        <source>as %1; %2 without</source>
        <translation>以 %1 发送；不用时为 %2</translation>
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
        <source>The filter of the runs, of the log, or of compared curves</source>
        <translation>运行、日志或所比较曲线的筛选框</translation>
    </message>
</context>
<context>
    <name>concertina::ui::AxisBar</name>
    <message>
        <source>Draw every chart against this</source>
        <translation>以此为所有图表的横轴</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Draw every chart against a series: joined in the order of steps, each point with the nearest earlier value</source>
        <translation>以某一序列为 x 绘制所有图表：按步的顺序连接，每个点取最近的较早值</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>Logarithmic x axis</source>
        <translation>对数 x 轴</translation>
    </message>
    <message>
        <source>A logarithmic x axis of every chart; what is at 0 or below is left out</source>
        <translation>所有图表使用对数 x 轴；等于或小于 0 的点不显示</translation>
    </message>
    <message>
        <source>Nothing measured yet</source>
        <translation>尚无测量数据</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
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
    <message>
        <source>Logarithmic x Axis</source>
        <translation>对数 x 轴</translation>
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
    <name>concertina::ui::CompareBeside</name>
    <message>
        <source>Runs beside their curves</source>
        <translation>曲线旁的运行</translation>
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
        <source>%1, seed %2</source>
        <extracomment>an entry of a read-out: a name, and which of several runs with other seeds</extracomment>
        <translation>%1，种子 %2</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>The runs and what came of them, beside their curves</source>
        <translation>在曲线旁显示各个运行及其结果</translation>
    </message>
    <message>
        <source>Found by “%1”</source>
        <translation>与“%1”匹配</translation>
    </message>
    <message>
        <source>No chart has a title or a series that “%1” finds. Charts has the series of the runs that it finds; Esc in the box shows all charts.</source>
        <translation>没有图表的标题或序列与“%1”匹配。“图表”菜单中列有这些运行里与之匹配的序列；在框中按 Esc 显示所有图表。</translation>
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
    <message>
        <source>All of it as one file to send: an HTML page, which needs nothing else, or a PDF</source>
        <translation>将全部内容保存为一个可发送的文件：不依赖其他文件的 HTML 页面，或 PDF</translation>
    </message>
    <message>
        <source>HTML files (*.html);;PDF files (*.pdf)</source>
        <translation>HTML 文件 (*.html);;PDF 文件 (*.pdf)</translation>
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
    <message>
        <source>Report…</source>
        <translation>报告…</translation>
    </message>
    <message>
        <source>What each step made of it as one file to send: an HTML page, which needs nothing else, or a PDF</source>
        <translation>把每一步的结果存成一个便于发送的文件：无需其他文件的 HTML 页面，或 PDF</translation>
    </message>
    <message>
        <source>The report is in %1</source>
        <translation>报告已写入 %1</translation>
    </message>
    <message>
        <source>Save the Report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>HTML files (*.html);;PDF files (*.pdf)</source>
        <translation>HTML 文件 (*.html);;PDF 文件 (*.pdf)</translation>
    </message>
    <message>
        <source>Writing %1…</source>
        <translation>正在写入 %1…</translation>
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
    <message>
        <source>Tensor axis</source>
        <translation>张量轴</translation>
    </message>
    <message>
        <source>With layers that are cut between workers: how the sums of their activations travel. The plan says what that saves.</source>
        <translation>各层切分到多个工作进程时：其激活值之和以何种方式传输。计划会给出由此节省的量。</translation>
    </message>
    <message>
        <source>Choose a codec for these sums</source>
        <translation>为这些求和选择编解码器</translation>
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
    <name>concertina::ui::DesignHostTest</name>
    <message>
        <source>Is the machine or the cluster of these workers ready? Looks there; starts and leaves nothing.</source>
        <translation>这些工作进程所在的机器或集群准备好了吗?只查看,不启动也不留下任何东西。</translation>
    </message>
    <message>
        <source>Test the host of group %1</source>
        <translation>测试第 %1 组的主机</translation>
    </message>
    <message>
        <source>What the host of group %1 answered</source>
        <translation>第 %1 组主机的回答</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Asking… (%1)</source>
        <extracomment>%1 is a time.</extracomment>
        <translation>正在询问…(%1)</translation>
    </message>
    <message>
        <source>Test This Host</source>
        <translation>测试此主机</translation>
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
    <name>concertina::ui::DesignLayersPane</name>
    <message>
        <source>Layers as a table or a graph</source>
        <translation>以表格或图显示各层</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Graph</source>
        <translation>图</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
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
        <translation>参数</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>前向</translation>
    </message>
    <message>
        <source>What the colours of the graph mean</source>
        <translation>图中颜色的含义</translation>
    </message>
    <message>
        <source>Colours by kind</source>
        <translation>按种类着色</translation>
    </message>
    <message>
        <source>Share of parameters</source>
        <translation>参数占比</translation>
    </message>
    <message>
        <source>Share of FLOPs</source>
        <translation>FLOP 占比</translation>
    </message>
    <message>
        <source>Fold blocks</source>
        <translation>折叠块</translation>
    </message>
    <message>
        <source>Each block of layers is one box; Enter or a double click opens it</source>
        <translation>每个由多层组成的块显示为一个方框；按 Enter 或双击可展开</translation>
    </message>
    <message>
        <source>Enlarge the graph</source>
        <translation>放大图</translation>
    </message>
    <message>
        <source>Shrink the graph</source>
        <translation>缩小图</translation>
    </message>
    <message>
        <source>Enlarge (+, or Ctrl and the wheel)</source>
        <translation>放大（+，或 Ctrl 加滚轮）</translation>
    </message>
    <message>
        <source>Shrink (-, or Ctrl and the wheel)</source>
        <translation>缩小（-，或 Ctrl 加滚轮）</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Graph of the model</source>
        <translation>模型图</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignModelGraph</name>
    <message>
        <source>Graph of the model</source>
        <translation>模型图</translation>
    </message>
    <message numerus="yes">
        <source>%n layer(s) · %1</source>
        <translation>
            <numerusform>%n 层 · %1</numerusform>
        </translation>
    </message>
    <message>
        <source>Stage %1</source>
        <translation>阶段 %1</translation>
    </message>
    <message>
        <source>The sample that the model reads: %1</source>
        <translation>模型读取的样本：%1</translation>
    </message>
    <message numerus="yes">
        <source>%1: a block of %n layer(s)</source>
        <translation>
            <numerusform>%1：由 %n 层组成的块</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>output %1</source>
        <translation>输出 %1</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 个参数</translation>
    </message>
    <message>
        <source>stage %1</source>
        <translation>阶段 %1</translation>
    </message>
    <message>
        <source>reads %1</source>
        <translation>读取 %1</translation>
    </message>
    <message>
        <source>read by %1</source>
        <translation>由 %1 读取</translation>
    </message>
    <message>
        <source>The model has no layers.</source>
        <translation>模型没有层。</translation>
    </message>
    <message numerus="yes">
        <source>%n layer(s).</source>
        <translation>
            <numerusform>%n 层。</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a box by click or arrow keys.</source>
        <translation>单击或用方向键选择方框。</translation>
    </message>
    <message>
        <source>Choose a box by click or arrow keys; Enter opens a block.</source>
        <translation>单击或用方向键选择方框；按 Enter 展开一个块。</translation>
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
    <message>
        <source>Samples</source>
        <translation>样本</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignSampleGrid</name>
    <message>
        <source>Sample images</source>
        <translation>样本图像</translation>
    </message>
    <message>
        <source>%1, sample %2 of the training split</source>
        <translation>%1，训练集的第 %2 个样本</translation>
    </message>
</context>
<context>
    <name>concertina::ui::DesignSamples</name>
    <message>
        <source>All workers</source>
        <translation>所有工作进程</translation>
    </message>
    <message>
        <source>Show samples of all data, not of one worker</source>
        <translation>显示全部数据的样本，而不是某个工作进程的</translation>
    </message>
    <message>
        <source>First rows of the table</source>
        <translation>表格的前几行</translation>
    </message>
    <message>
        <source>Reading samples…</source>
        <translation>正在读取样本…</translation>
    </message>
    <message>
        <source>Reading samples of worker %1…</source>
        <translation>正在读取工作进程 %1 的样本…</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>There are no samples to show: %1</source>
        <translation>没有可显示的样本：%1</translation>
    </message>
    <message>
        <source>The first of %1 rows, as the model gets them.</source>
        <translation>%1 行中的前几行，即模型得到的样子。</translation>
    </message>
    <message>
        <source>The first of %1 rows of worker %2, as the model gets them.</source>
        <translation>工作进程 %2 的 %1 行中的前几行，即模型得到的样子。</translation>
    </message>
    <message>
        <source>The first %1 of %2 columns.</source>
        <translation>此处为 %2 列中的前 %1 列。</translation>
    </message>
    <message>
        <source>There are no samples to show.</source>
        <translation>没有可显示的样本。</translation>
    </message>
    <message>
        <source>%1 of %2 samples of %3, as the model gets them.</source>
        <translation>共 %2 个样本（%3），此处为其中 %1 个，即模型得到的样子。</translation>
    </message>
    <message>
        <source>%1 of %2 samples of worker %3, each %4.</source>
        <translation>工作进程 %3 共 %2 个样本，此处为其中 %1 个，每个 %4。</translation>
    </message>
    <message>
        <source>They are shown smaller than they are.</source>
        <translation>显示得比实际小。</translation>
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
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
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
    <name>concertina::ui::FilterChips</name>
    <message>
        <source>Filters in force</source>
        <translation>生效的筛选条件</translation>
    </message>
    <message>
        <source>Take away the filter %1</source>
        <translation>移除筛选条件 %1</translation>
    </message>
    <message>
        <source>%1 (a click, Return or Delete takes it away)</source>
        <translation>%1（单击、按回车键或 Delete 键可移除）</translation>
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
        <source>Scripts, faults and citing</source>
        <translation>脚本、错误信息与引用</translation>
    </message>
    <message>
        <source>Your own data and models</source>
        <translation>您自己的数据和模型</translation>
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
    <name>concertina::ui::MeshPicture</name>
    <message>
        <source>Who sends what to whom in a step</source>
        <translation>一步之中谁向谁发送什么</translation>
    </message>
    <message>
        <source>Workers, and what goes between them now</source>
        <translation>各工作进程，以及它们之间此刻传输的数据</translation>
    </message>
    <message>
        <source>The busiest %1 of %2 flows are drawn.</source>
        <translation>只画出 %2 条数据流中最繁忙的 %1 条。</translation>
    </message>
    <message>
        <source>Stage %1</source>
        <translation>阶段 %1</translation>
    </message>
    <message>
        <source>Full or slowest link</source>
        <translation>占满或最慢的链路</translation>
    </message>
    <message>
        <source>Not measured now</source>
        <translation>目前没有测量值</translation>
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
    <message>
        <source>Encoding</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Rank %1 kept the others waiting %2 of the time, encoding what it sends.</source>
        <translation>Rank %1 使其他 rank 在 %2 的时间里等待，原因是编码要发送的内容。</translation>
    </message>
    <message>
        <source>Collectives at which ranks wait</source>
        <translation>各 rank 在其处等待的集合通信</translation>
    </message>
    <message>
        <source>Collective</source>
        <translation>集合通信</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>Waited a time</source>
        <translation>每次等待</translation>
    </message>
    <message>
        <source>For rank</source>
        <translation>等待的 rank</translation>
    </message>
    <message>
        <source>Late with</source>
        <translation>迟到原因</translation>
    </message>
    <message numerus="yes">
        <source>Each collective of the %n step(s) whose arrivals were recorded; what overlap hides of it counts, too.</source>
        <translation>
            <numerusform>记录了到达时刻的 %n 步中的每次集合通信；被重叠隐藏的等待也计算在内。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorCharts</name>
    <message>
        <source>Against</source>
        <translation>横轴</translation>
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
    <message>
        <source>No chart has a title or a series that “%1” finds. Charts → Add a Series has those of the run that it finds; Esc in the box shows all charts.</source>
        <translation>没有图表的标题或序列与“%1”匹配。“图表 → 添加序列”中列有此运行里与之匹配的序列；在框中按 Esc 显示所有图表。</translation>
    </message>
    <message>
        <source>Found by “%1”</source>
        <translation>与“%1”匹配</translation>
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
    <name>concertina::ui::MonitorHarm</name>
    <message>
        <source>The others go on without it.</source>
        <translation>其余工作进程会在没有它的情况下继续。</translation>
    </message>
    <message>
        <source>The others form a new group between two steps, and go on from memory.</source>
        <translation>其余工作进程会在两步之间组成新的组，并从内存中的状态继续。</translation>
    </message>
    <message>
        <source>The run fails, and has no checkpoint to go on from.</source>
        <translation>运行会失败，而且没有可供继续的检查点。</translation>
    </message>
    <message>
        <source>The run ends, and goes on by itself from its checkpoint of step %1.</source>
        <translation>运行会结束，并自动从第 %1 步的检查点继续。</translation>
    </message>
    <message>
        <source>The run fails, and can be resumed from its checkpoint of step %1.</source>
        <translation>运行会失败，可以从第 %1 步的检查点恢复。</translation>
    </message>
    <message>
        <source>Rank %1</source>
        <translation>Rank %1</translation>
    </message>
    <message>
        <source>&amp;Freeze for 10 s</source>
        <translation>冻结 10 秒(&amp;F)</translation>
    </message>
    <message>
        <source>Its process stands still; after 5 s of silence it is taken for lost</source>
        <translation>其进程停住不动；沉默 5 秒后即被视为丢失</translation>
    </message>
    <message>
        <source>Free&amp;ze</source>
        <translation>冻结(&amp;Z)</translation>
    </message>
    <message>
        <source>Its process stands still until it is thawed, or given up as lost</source>
        <translation>其进程停住不动，直到被解冻或被视为丢失</translation>
    </message>
    <message>
        <source>&amp;Slow Down Tenfold</source>
        <translation>减慢为十分之一(&amp;S)</translation>
    </message>
    <message>
        <source>Forward and backward pass take ten times as long</source>
        <translation>前向和反向传播的用时变为十倍</translation>
    </message>
    <message>
        <source>&amp;Thaw</source>
        <translation>解冻(&amp;T)</translation>
    </message>
    <message>
        <source>It goes on, as fast as before</source>
        <translation>它以原来的速度继续</translation>
    </message>
    <message>
        <source>&amp;Kill This Worker…</source>
        <translation>杀死此工作进程(&amp;K)…</translation>
    </message>
    <message>
        <source>Its process ends without a word</source>
        <translation>其进程不作任何通知便结束</translation>
    </message>
    <message>
        <source>Kill Rank %1?</source>
        <translation>杀死 rank %1？</translation>
    </message>
    <message>
        <source>Its process ends without a word, as when its machine loses power. %1</source>
        <translation>其进程不作任何通知便结束，如同其机器断电。%1</translation>
    </message>
    <message>
        <source>Kill This Worker</source>
        <translation>杀死此工作进程</translation>
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
        <source>Opens the knobs of the codecs, which all layers share</source>
        <translation>打开各层共用的编解码器的可调参数</translation>
    </message>
    <message>
        <source>Nothing measured yet: layers are measured every so many steps (16, if training says nothing else).</source>
        <translation>尚无测量结果：每隔若干步测量一次各层（若 training 未另行说明则为 16 步）。</translation>
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
    <name>concertina::ui::MonitorMesh</name>
    <message>
        <source>Its workers appear here once the run has started.</source>
        <translation>运行开始后，它的工作进程会显示在这里。</translation>
    </message>
    <message>
        <source>Workers, and what goes between them now</source>
        <translation>各工作进程，以及它们之间此刻传输的数据</translation>
    </message>
    <message>
        <source>A click on a worker leaves only its lines in the log; a double click, or Enter, opens it.</source>
        <translation>单击一个工作进程，日志中就只留下它的行；双击或按 Enter 键则打开日志。</translation>
    </message>
    <message>
        <source>The run has ended: nothing goes over its links any more.</source>
        <translation>运行已结束：它的链路上不再有数据传输。</translation>
    </message>
    <message>
        <source>What goes over the links is not known: %1</source>
        <translation>无法得知链路上传输的数据：%1</translation>
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
    <message>
        <source>Mesh</source>
        <translation>网格</translation>
    </message>
</context>
<context>
    <name>concertina::ui::MonitorStaleness</name>
    <message>
        <source>%1 to %2</source>
        <translation>%1 %2 至 %2 {1 ?}</translation>
    </message>
    <message>
        <source>%1 behind: %2 gradients, %3</source>
        <extracomment>a bar: %1 a staleness or a range of it, %2 how many gradients, %3 their share of all</extracomment>
        <translation>落后 %1：%2 个梯度，%3</translation>
    </message>
    <message>
        <source>Gradients by staleness</source>
        <translation>按陈旧度统计的梯度</translation>
    </message>
    <message>
        <source>No gradient was counted yet.</source>
        <translation>尚未统计任何梯度。</translation>
    </message>
    <message>
        <source>Gradients by staleness: half at most %1, 99 % at most %2, the largest %3, in the newest %4 steps of each worker.</source>
        <translation>按陈旧度统计的梯度：每个工作进程最新的 %4 步中，一半不超过 %1，99 % 不超过 %2，最大为 %3。</translation>
    </message>
    <message>
        <source>Steps by mean staleness of all workers: half at most %1, 99 % at most %2, the largest %3, in the newest %4 steps.</source>
        <translation>按所有工作进程的平均陈旧度统计的步：最新的 %4 步中，一半不超过 %1，99 % 不超过 %2，最大为 %3。</translation>
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
    <name>concertina::ui::RunComparison</name>
    <message>
        <source>%1, joined in the order of steps</source>
        <translation>%1，按步的顺序连接</translation>
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
    <message>
        <source>Click to sort; Shift and click to sort what is alike by a second column</source>
        <translation>单击排序；按住 Shift 单击，可对相同的行再按第二列排序</translation>
    </message>
    <message>
        <source>Then Sort By</source>
        <translation>其次按此列排序</translation>
    </message>
    <message>
        <source>Report as PDF…</source>
        <translation>报告导出为 PDF…</translation>
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
    <message>
        <source>Keep in fp32</source>
        <extracomment>what a click does to the layer</extracomment>
        <translation>保持 fp32</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>A click, or Return on the row: a recipe that leaves this layer in fp32</source>
        <translation>单击，或在该行按回车键：生成让此层保持 fp32 的配方</translation>
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
    <message>
        <source>No x is above 0, and a logarithmic axis shows no other. X: a linear one.</source>
        <translation>没有大于 0 的 x，对数轴无法显示其他值。按 X 键改用线性轴。</translation>
    </message>
    <message>
        <source>%1, joined in the order of steps</source>
        <extracomment>of an axis: %1 is a series, whose values may go back; the points are joined as they came</extracomment>
        <translation>%1，按步的顺序连接</translation>
    </message>
    <message>
        <source>%1, logarithmic</source>
        <translation>%1，对数</translation>
    </message>
    <message numerus="yes">
        <source>; %n at 0 or below left out</source>
        <extracomment>of an axis; %n points could not be drawn, for 0 and below have no logarithm</extracomment>
        <translation>
            <numerusform>；已略去 %n 个等于或小于 0 的点</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <extracomment>the value of a curve, and the x that it has there</extracomment>
        <translation>%1，位于 %2</translation>
    </message>
</context>
<context>
    <name>concertina::ui::SeriesSearch</name>
    <message>
        <source>Find charts and series</source>
        <translation>查找图表和序列</translation>
    </message>
    <message>
        <source>Find: loss|accuracy</source>
        <translation>查找：loss|accuracy</translation>
    </message>
    <message>
        <source>Charts and series whose title or name this regular expression finds, as in ^comm/ or loss|accuracy</source>
        <translation>标题或名称与此正则表达式匹配的图表和序列，例如 ^comm/ 或 loss|accuracy</translation>
    </message>
    <message>
        <source>“%1” is no regular expression: %2, after %3 characters. What was found last is shown.</source>
        <extracomment>%1 the text, %2 what is wrong with it, %3 after how many characters</extracomment>
        <translation>“%1”不是正则表达式：第 %3 个字符之后有误（%2）。仍显示上次找到的内容。</translation>
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
    <name>concertina::ui::SmoothingChoice</name>
    <message>
        <source>&amp;Exponential</source>
        <translation>指数平均(&amp;E)</translation>
    </message>
    <message>
        <source>Exponential moving average; what was measured stays behind it, fainter</source>
        <translation>指数移动平均；原始测量值以淡色留在后面</translation>
    </message>
    <message>
        <source>&amp;Running mean</source>
        <translation>滑动平均(&amp;R)</translation>
    </message>
    <message>
        <source>Mean of the last values; what was measured stays behind it, fainter</source>
        <translation>最近若干个值的平均；原始测量值以淡色留在后面</translation>
    </message>
    <message>
        <source>none</source>
        <extracomment>curves are not smoothed</extracomment>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 values</source>
        <extracomment>two or more</extracomment>
        <translation>%1 个值</translation>
    </message>
    <message>
        <source>β %1</source>
        <extracomment>%1 is the share of the average that stays with each new value</extracomment>
        <translation>β %1</translation>
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
        <source>Smoothed by: %1, %2</source>
        <extracomment>a button for screen readers: by which average, and how much</extracomment>
        <translation>平滑方式：%1，%2</translation>
    </message>
    <message>
        <source>Press to choose another average</source>
        <translation>按下可选择另一种平均方式</translation>
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
    <message>
        <source>Frozen</source>
        <translation>已冻结</translation>
    </message>
</context>
</TS>
