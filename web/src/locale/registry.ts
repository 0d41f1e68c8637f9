// Words of the registers as an office lives with them (名册): ticking rows, taking tables in.

export const registryWords = {
  registry: {
    import: '导入',
    select: { page: '勾选本页', row: '勾选这一行' },
  },
}
