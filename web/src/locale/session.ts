// Words of what keeps a person from losing her work: a login that ran out, and where she stands.

export const sessionWords = {
  signIn: {
    title: '登录已过期',
    lead: '本页填写的内容都在。输入{name}的密码，接着办。',
    password: '{name}的密码',
    go: '继续',
    other: '换人登录',
  },
  here: {
    wanted: '没有取得您的定位',
    note: '这一步须在现场办。按下“{save}”时取一次定位，只用来核对离现场多远。',
    fix: '刚才的定位精确到约 {n} 米。',
    insecure: '没有取得定位：浏览器只在 HTTPS 下给定位。请用 https 开头的地址打开；还没有证书的，请系统管理员按安装手册配好。',
    denied: '没有取得定位：浏览器没有允许。请点地址栏左边的图标，把“位置”改成允许，再办一次；电脑或手机的定位总开关也要开着。',
    unavailable: '没有取得定位：这台设备定不了位。请到室外或窗边再办一次，或换手机办理。',
    timeout: '没有取得定位：等了 20 秒没有结果。请到室外或窗边再办一次。',
  },
}
