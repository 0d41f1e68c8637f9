// Words of a list on paper (打印清单).

export const printingWords = {
  printing: {
    do: '打印',
    hint: '按现在的筛选和列，最多 {n} 条，A4 横向',
    title: '打印{label}',
    print: '打印',
    back: '返回清单',
    ledger: '台账',
    range: '范围：{words}',
    count: '共 {n} 条',
    cut: '共 {n} 条，这里是前 {most} 条；要全部请缩小范围，或导出 Excel',
    by: '打印人：{name}',
    at: '打印时间：{at}',
    foot: '第 {page} 页　共 {pages} 页',
    place: '序号',
    number: '编号',
    due: '时限',
    only: '同一{label}',
    closed: '{day} 办结',
    none: '没有符合条件的记录，没有可打印的内容。',
  },
}
