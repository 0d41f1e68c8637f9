// Words of the choice of columns of a list (选列).

export const columnWords = {
  columns: {
    choose: '选列',
    title: '显示哪些列',
    usual: '恢复默认',
    earlier: '{label}往前移',
    later: '{label}往后移',
    note: '只记在这个浏览器、您的账号下；窄窗口里放不下的列仍会收起。',
    code: '编号', channel: '来路', profile: '规约', system: '系统', type: '部件类型', address: '部件地址', result: '处置结果', times: '次数',
  },
}
