// Words of what the centre asks of terminals (下行).

export const downlinkWords = {
  reading: {
    title: '定时读取',
    every: '每 {length} 读一次状态',
    none: '还没有读过',
    answered: '上次应答 {at}',
    never: '没有应答过，改为每天问一次',
    failed: '连续 {n} 次没有应答',
    failedDenied: '连续 {n} 次没有应答，最近一次终端不接受',
    unreadable: '读不到状态',
  },
  downlink: {
    title: '下行',
    total: '共 {n} 条',
    ask: '读取和校时',
    none: '还没有向这台终端发过指令。',
    at: '时间',
    order: '指令',
    state: '结果',
    answer: '应答',
    by: '下令人',
    raw: '报文',
    cancel: '撤回',
    waiting: '等终端连接，最多一分钟',
    awaited: '等终端应答',
    times: '发出 {sent}，结束 {ended}，共发 {n} 次',
  },
}
