// Words of printed papers (文书).

export const paperWords = {
  paper: {
    menu: '文书模板',
    title: '文书模板',
    what: '执法文书的空白式样和模板，用 Word 或 WPS 修改',
    print: '打印空白文书',
    printNote: '空着的地方打印后手填。每页下方的页码由打印机来数。',
    edit: '修改模板',
    download: '下载模板',
    editNote: '措辞和版式照本单位的要求改，花括号里的名称不要动，存成 .docx。',
    check: '检查改好的模板',
    checking: '正在检查…',
    fine: '模板可用，要填 {n} 处；页面上是它印出来的样子。',
    added: '现在的模板里没有：{names}。请核对名称，没有这一项内容时印出来是空白。',
    lost: '少了：{names}。印出来不会有这几项。',
    same: '要填的内容和现在的模板一样。',
    install: '检查不保存。请系统管理员把它放进配置里 papers 指的文件夹，文件名 {file}，重新启动后使用。',
    places: '要填的内容',
    issued: {
      title: '文书',
      sheet: '打印件',
      open: '查看、打印',
      openOf: '打印 {number}',
      print: '打印',
      source: '出具它的记录',
      changed: '出具以后记录改过：{places}。已出具的文书不变。',
      issueOf: '出具{label}',
      preview: '预览，还没有编号',
      note: '核对无误后出具：程序编定文号、定稿存档，以后记录再改，这份文书不变。要改内容，先回到记录修改。',
      issue: '出具并编号',
      back: '返回记录',
      register: '登记盖章、送达',
      on: '{date} 出具',
      code: '校验码 {code}',
      download: '下载 Word 文件',
      isVoid: '这份文书已作废，文号不再使用。',
    },
  },
}

/** Faces that stand in for those that a computer may not have; the same as the document declares for Word. */
export const standInFaces: Record<string, string> = {
  仿宋: '仿宋_GB2312, FangSong, STFangsong',
  楷体: '楷体_GB2312, KaiTi, STKaiti',
  黑体: 'SimHei, STHeiti',
  宋体: 'SimSun, STSong',
  方正小标宋简体: '华文中宋, STZhongsong, SimSun',
}
/** The face of plain text. */
export const plainFace = '宋体'
