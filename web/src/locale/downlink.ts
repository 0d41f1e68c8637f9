// Words of what the centre asks of terminals (下行).

export const downlinkWords = {
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
