// Words of the registers as an office lives with them (名册): ticking rows, tables in and out, signs.

export const registryWords = {
  registry: {
    import: '导入',
    select: { page: '勾选本页', row: '勾选这一行' },
    file: { pick: '选择文件', other: '换一个文件', drop: '也可以把文件拖到这里', kib: '{n} KB', mib: '{n} MB' },
    export: {
      do: '导出',
      xlsx: 'Excel 表格（xlsx）',
      xlsxHint: '按当前筛选，最多 20,000 条；改好可再导入',
      csvHint: '按当前筛选，最多 200,000 条',
      busy: '正在生成……',
    },
    sign: {
      menu: '标识牌',
      title: '单位标识牌',
      count: '{n} 张，共 {total} 家',
      paper: '纸张',
      sizes: { a4: 'A4，一页四张', a6: 'A6，一页一张' },
      print: '打印',
      none: '没有符合筛选条件的单位',
      noSite: '还没有设本站网址（outward.site），二维码用的是现在打开的网址；手机若打不开这个网址，请先让系统管理员设好再印。',
      cut: '一次最多印 {n} 张，共有 {total} 家。请按乡镇或类别分批印。',
      head: '消防安全信息',
      alt: '{name}的二维码',
      how: '扫码可看本单位的楼层平面、终端、联系人和告警（需登录）',
      fire: '发现火情　立即拨打 119',
    },
  },
}
