// Words of 消息通道 and its delivery log (发送记录).

export const messageWords = {
  menuMessages: { channels: '消息通道', messages: '发送记录' },
  message: {
    fault: { one: '{name} 故障，自 {at}', many: '{name} 等 {n} 个消息通道故障，自 {at}', because: '：' },
    channel: {
      create: '新建通道', editTitle: '修改通道：{name}', name: '名称', driver: '通道类型', by: '发送方式', state: '状态',
      quota: '每分钟条数', order: '次序', orderHint: '同一方式里小的先用', on: '启用', off: '停用', failing: '故障，自 {at}',
      none: '还没有消息通道', noneNext: '没有通道，没人在席时就叫不到人。先建一个短信或语音通道。',
      enable: '启用', disable: '停用', secretSet: '已设置，不填则不变', secretNot: '没有设置',
      test: '发测试消息', testTo: '发到', testToHint: '电话或邮箱；群机器人不用填', tested: '已交给通道，结果见发送记录。',
      inbound: '更换回执地址', inboundNote: '请把这个地址配置到网关，只显示这一次；先前的地址已失效。',
      inboundHint: '网关把回执和回复（1 收到、2 到场、3 误报）按 JSON 发到这个地址。',
      created: '新通道是停用的：先发一条测试消息，再启用。', settings: '设置', log: '看发送记录',
    },
    log: {
      search: '收件人、电话、标题', state: '状态', anyState: '全部状态', recipient: '收件人', what: '消息', at: '时间',
      channel: '通道', answer: '答复', none: '还没有发过消息', noneFound: '没有符合条件的消息', attempts: '发送经过',
      noAttempts: '还没有发送过', dueAt: '下次 {at}', urgent: '紧急', ways: '方式', next: '下次发送', text: '内容', about: '看这起告警', onlyChannel: '只看一个通道',
      states: { waiting: '待发', sent: '已发出', delivered: '已送达', answered: '已答复', failed: '未送达', cancelled: '已撤回' },
      outcome: { accepted: '网关已收下', delivered: '已送达', failed: '没有送出', refused: '拒收', no_such_number: '空号' },
    },
  },
}
