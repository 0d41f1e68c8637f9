// Words of appointments (岗位任命): what a post is held for, and what it may do.

export const accessWords = {
  access: {
    units: '管哪些单位',
    unitsHint: '填单位编号，一行一个或用顿号隔开，最多 50 家；单位要在上面的辖区内',
    unitsCount: '{n} 家',
    sectors: '管哪些行业',
    noSectors: '辖区里的单位还没有填行业，请先在单位档案里填。',
    mayDo: '可以：{what}',
  },
}
