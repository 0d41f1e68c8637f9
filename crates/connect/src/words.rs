//! What a message says in the end: its text, and how to answer it, as the way allows.

use fengsui_app::{ChannelKind, Dispatch};

/// The whole text; `site` is the address at which a telephone reaches this site, when there is one.
pub(crate) fn whole(dispatch: &Dispatch, site: Option<&str>) -> String {
    let text = &dispatch.text;
    if !dispatch.answerable {
        return text.clone();
    }
    let link = site
        .zip(dispatch.token.as_ref())
        .map(|(site, token)| format!("{}/r/{}", site.trim_end_matches('/'), token.reveal()));
    match (dispatch.channel.by, link) {
        (ChannelKind::Voice, _) => format!("{text}。收到请按1，到场请按2，误报请按3。"),
        (ChannelKind::Sms, Some(link)) => format!("{text} 回复1收到 2到场 3误报，或点 {link}"),
        (ChannelKind::Sms, None) => format!("{text} 回复1收到 2到场 3误报"),
        (ChannelKind::Robot | ChannelKind::Email | ChannelKind::Webhook, Some(link)) => {
            format!("{text} 请点此答复：{link}")
        }
        (ChannelKind::Robot | ChannelKind::Email | ChannelKind::Webhook, None) => text.clone(),
    }
}
