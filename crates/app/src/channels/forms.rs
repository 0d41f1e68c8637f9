//! What each driver of a channel (消息通道) must be told: the form that an administrator fills in, as data, and
//! the check of what was filled in. Secrets are marked; they are written and never read back.

use crate::ChannelKind;
use fengsui_base::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest value of a setting, in characters: a body template with room to spare.
pub const SETTING_CHARS_MAX: usize = 2_000;

/// How a channel speaks to its gateway.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// 短信网关（HTTP）
    SmsHttp,
    /// 语音网关（HTTP）
    VoiceHttp,
    /// 钉钉群机器人
    Dingtalk,
    /// 企业微信群机器人
    Wecom,
    /// 邮件（SMTP）
    Smtp,
    /// 接口推送（Webhook）
    Webhook,
    /// 试验网关
    Test,
}

/// One line of a driver's form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Stable name.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What to write there.
    pub hint: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is written and never read back.
    pub secret: bool,
    /// Whether it takes several lines.
    pub long: bool,
    /// What may be chosen; empty for text.
    pub choices: &'static [(&'static str, &'static str)],
    /// What it is when nothing was filled in.
    pub default: &'static str,
}

const fn text(name: &'static str, label: &'static str, hint: &'static str) -> Setting {
    Setting { name, label, hint, required: false, secret: false, long: false, choices: &[], default: "" }
}

const fn required(setting: Setting) -> Setting {
    Setting { required: true, ..setting }
}

const fn secret(setting: Setting) -> Setting {
    Setting { secret: true, ..setting }
}

const fn long(setting: Setting) -> Setting {
    Setting { long: true, ..setting }
}

const fn choice(
    name: &'static str,
    label: &'static str,
    choices: &'static [(&'static str, &'static str)],
    default: &'static str,
) -> Setting {
    Setting { name, label, hint: "", required: false, secret: false, long: false, choices, default }
}

const HTTP_GATEWAY: &[Setting] = &[
    required(text("url", "网关地址", "http:// 或 https:// 开头；可用 {phone} {text} {key} 等占位")),
    choice("method", "方法", &[("POST", "POST"), ("GET", "GET")], "POST"),
    choice("content_type", "内容格式", &[("json", "JSON"), ("form", "表单"), ("text", "纯文本")], "json"),
    long(text("headers", "请求头", "每行一个，如 Authorization: Bearer {key}")),
    long(text(
        "body",
        "内容模板",
        "占位：{phone} 电话、{text} 内容、{title} 标题、{name} 收件人、{id} 编号、{key} {password} 密钥",
    )),
    text("success_pointer", "成功标志位置", "JSON 指针，如 /code；不填则只看状态码"),
    text("success_value", "成功标志值", "如 0，多个用逗号隔开"),
    text("success_text", "成功时含有文字", "应答不是 JSON 时用，如 OK"),
    text("id_pointer", "网关编号位置", "JSON 指针，如 /data/id；回执按它认消息"),
    text("absent_values", "空号代码", "成功标志位置上出现这些值即空号，多个用逗号隔开"),
    text("receipt_id_pointer", "回执：编号位置", "JSON 指针，不填为 /id；表单按字段名"),
    text("receipt_state_pointer", "回执：状态位置", "不填为 /status"),
    text("receipt_delivered_values", "回执：送达的值", "不填为 delivered，多个用逗号隔开"),
    text("reply_phone_pointer", "回复：电话位置", "不填为 /phone"),
    text("reply_text_pointer", "回复：内容位置", "不填为 /text；按键也从这里来"),
    secret(text("key", "密钥", "模板里写 {key}")),
    secret(text("password", "密码", "模板里写 {password}")),
];

const DINGTALK: &[Setting] = &[
    required(secret(text("url", "机器人地址", "群设置 → 机器人里复制，含 access_token"))),
    secret(text("sign_key", "加签密钥", "SEC 开头；安全设置选“加签”")),
];

const WECOM: &[Setting] = &[required(secret(text("url", "机器人地址", "群机器人里复制，含 key")))];

const SMTP: &[Setting] = &[
    required(text("host", "服务器", "如 smtp.example.org")),
    text("port", "端口", "不填：STARTTLS 587，TLS 465，不加密 25"),
    choice(
        "security",
        "加密",
        &[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", "不加密（只在内网）")],
        "starttls",
    ),
    required(text("from", "发件人", "如 duty@example.org")),
    text("user", "登录账号", "服务器要求登录时填"),
    secret(text("password", "密码", "服务器要求登录时填")),
];

const WEBHOOK: &[Setting] = &[
    required(text("url", "接收地址", "http:// 或 https:// 开头")),
    secret(text("sign_key", "签名密钥", "对方用它核对 X-Fengsui-Signature")),
];

const TEST: &[Setting] = &[
    choice(
        "stands_for",
        "代替",
        &[
            ("sms", "短信"),
            ("voice", "语音电话"),
            ("robot", "群机器人"),
            ("email", "邮件"),
            ("webhook", "接口推送"),
        ],
        "sms",
    ),
    choice(
        "behaviour",
        "表现",
        &[("takes", "正常收下"), ("fails", "像故障网关一样应答 500"), ("no_number", "说是空号")],
        "takes",
    ),
];

impl Driver {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 7] =
        [Self::SmsHttp, Self::VoiceHttp, Self::Dingtalk, Self::Wecom, Self::Smtp, Self::Webhook, Self::Test];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::SmsHttp => "sms_http",
            Self::VoiceHttp => "voice_http",
            Self::Dingtalk => "dingtalk",
            Self::Wecom => "wecom",
            Self::Smtp => "smtp",
            Self::Webhook => "webhook",
            Self::Test => "test",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::SmsHttp => "短信网关（HTTP）",
            Self::VoiceHttp => "语音网关（HTTP）",
            Self::Dingtalk => "钉钉群机器人",
            Self::Wecom => "企业微信群机器人",
            Self::Smtp => "邮件（SMTP）",
            Self::Webhook => "接口推送（Webhook）",
            Self::Test => "试验网关",
        }
    }

    /// The driver with this name.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|driver| driver.code() == code)
    }

    /// Its form.
    pub fn form(self) -> &'static [Setting] {
        match self {
            Self::SmsHttp | Self::VoiceHttp => HTTP_GATEWAY,
            Self::Dingtalk => DINGTALK,
            Self::Wecom => WECOM,
            Self::Smtp => SMTP,
            Self::Webhook => WEBHOOK,
            Self::Test => TEST,
        }
    }

    /// The way by which a channel with these settings reaches people.
    pub fn by(self, settings: &BTreeMap<String, String>) -> ChannelKind {
        match self {
            Self::SmsHttp => ChannelKind::Sms,
            Self::VoiceHttp => ChannelKind::Voice,
            Self::Dingtalk | Self::Wecom => ChannelKind::Robot,
            Self::Smtp => ChannelKind::Email,
            Self::Webhook => ChannelKind::Webhook,
            Self::Test => {
                settings.get("stands_for").and_then(|name| ChannelKind::of(name)).unwrap_or(ChannelKind::Sms)
            }
        }
    }

    /// What is wrong with these settings and secrets; `known` names the secrets that are set already.
    pub(crate) fn mistakes(
        self,
        settings: &BTreeMap<String, String>,
        secrets: &BTreeMap<String, Option<String>>,
        known: &[String],
    ) -> Vec<Place> {
        let form = self.form();
        let stray = |name: &String, secret: bool| !form.iter().any(|s| s.name == *name && s.secret == secret);
        let unknown =
            settings.keys().filter(|name| stray(name, false)).map(|name| format!("/settings/{name}")).chain(
                secrets.keys().filter(|name| stray(name, true)).map(|name| format!("/secrets/{name}")),
            );
        let unknown = unknown.map(|at| Place::new(at, "field.unknown", "没有这一项，请删去"));
        let wrong = form.iter().filter_map(|setting| {
            if setting.secret {
                let kept = known.iter().any(|name| name == setting.name);
                match secrets.get(setting.name) {
                    Some(value) => setting.mistake("secrets", value.as_deref().unwrap_or_default()),
                    None if kept => None,
                    None => setting.mistake("secrets", ""),
                }
            } else {
                setting.mistake("settings", settings.get(setting.name).map_or("", String::as_str))
            }
        });
        unknown.chain(wrong).collect()
    }
}

impl Setting {
    fn mistake(&self, part: &str, value: &str) -> Option<Place> {
        let place = |code, detail: String| Some(Place::new(format!("/{part}/{}", self.name), code, detail));
        let value = value.trim();
        if value.is_empty() {
            return if self.required {
                place("field.required", format!("请填写{}", self.label))
            } else {
                None
            };
        }
        if value.chars().count() > SETTING_CHARS_MAX {
            return place("text.too_long", format!("{}最多 {SETTING_CHARS_MAX} 个字", self.label));
        }
        if !self.choices.is_empty() && !self.choices.iter().any(|(code, _)| *code == value) {
            return place("choice.unknown", format!("{}请从列出的里选", self.label));
        }
        if self.name == "url" && !value.starts_with("http://") && !value.starts_with("https://") {
            return place("url.scheme", format!("{}应以 http:// 或 https:// 开头", self.label));
        }
        if self.name == "port" && value.parse::<u16>().is_ok_and(|port| port > 0) {
            return None;
        }
        if self.name == "port" {
            return place("port.range", "端口应是 1 到 65535 的数".to_owned());
        }
        if self.name.ends_with("_pointer") && !value.starts_with('/') {
            return place("pointer.form", format!("{}应以 / 开头，如 /code", self.label));
        }
        if self.name == "headers" && value.lines().any(|line| !line.trim().is_empty() && !line.contains(':'))
        {
            return place("headers.form", "请求头每行应是“名称: 值”".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    fn codes(driver: Driver, settings: &[(&str, &str)], secrets: &[(&str, Option<&str>)]) -> Vec<String> {
        let secrets =
            secrets.iter().map(|(n, v)| ((*n).to_owned(), v.map(str::to_owned))).collect::<BTreeMap<_, _>>();
        let wrong = driver.mistakes(&map(settings), &secrets, &["kept".to_owned()]);
        wrong.into_iter().map(|p| format!("{} {}", p.pointer, p.code)).collect()
    }

    #[test]
    fn every_wrong_setting_is_named() {
        assert!(codes(Driver::SmsHttp, &[("url", "http://10.0.0.5/send")], &[]).is_empty());
        let long = "长".repeat(SETTING_CHARS_MAX + 1);
        let wrong = codes(
            Driver::SmsHttp,
            &[
                ("url", "ftp://x"),
                ("method", "PUT"),
                ("headers", "Authorization"),
                ("body", &long),
                ("id_pointer", "id"),
                ("colour", "1"),
            ],
            &[],
        );
        let expected = [
            "/settings/colour field.unknown",
            "/settings/url url.scheme",
            "/settings/method choice.unknown",
            "/settings/headers headers.form",
            "/settings/body text.too_long",
            "/settings/id_pointer pointer.form",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn a_secret_is_wanted_once_and_may_be_kept() {
        assert_eq!(codes(Driver::Wecom, &[], &[]), ["/secrets/url field.required"]);
        assert!(codes(Driver::Wecom, &[], &[("url", Some("https://example.org/?key=1"))]).is_empty());
        assert!(Driver::Wecom.mistakes(&map(&[]), &BTreeMap::new(), &["url".to_owned()]).is_empty());
        assert_eq!(codes(Driver::Wecom, &[], &[("url", None)]), ["/secrets/url field.required"]);
        assert_eq!(codes(Driver::Wecom, &[("url", "http://x")], &[("url", Some("http://x"))]).len(), 1);
    }

    #[test]
    fn a_setting_at_its_limit_is_taken() {
        let full = "长".repeat(SETTING_CHARS_MAX);
        assert!(codes(Driver::VoiceHttp, &[("url", "http://x"), ("body", &full)], &[]).is_empty());
        for (port, ok) in [("1", true), ("65535", true), ("0", false), ("65536", false)] {
            let wrong = codes(Driver::Smtp, &[("host", "h"), ("from", "a@b.cn"), ("port", port)], &[]);
            assert_eq!(wrong.is_empty(), ok, "{port}");
        }
    }
}
