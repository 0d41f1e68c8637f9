//! Messages to people away from the screens: written down with their cause, found by the secret of their link
//! and by nothing else, answered.

use crate::stores::on_each_store;
use fengsui_app::kit::{COUNTY, Desk, code};
use fengsui_app::{Answer, ChannelKind, Fault, Given, Message, Notice, Recipient};
use fengsui_base::{Actor, EntryId, Scope};
use fengsui_ledger::{Entry, Subject};

pub(crate) fn notice(answerable: bool) -> Notice {
    Notice {
        about: Subject { kind: "alarm".to_owned(), id: EntryId::from_u128(7) },
        region: code(COUNTY),
        rung: "duty_leader".to_owned(),
        recipient: Recipient {
            name: "孙志远".to_owned(),
            role: "带班领导".to_owned(),
            phone: Some("13800000001".to_owned()),
            ..Recipient::default()
        },
        title: "火警无人签收".to_owned(),
        text: "云岫纺织 2 层火警 3 分钟无人签收".to_owned(),
        by: vec![ChannelKind::Voice, ChannelKind::Sms],
        urgent: true,
        answerable,
    }
}

pub(crate) fn rule() -> Actor {
    Actor::System { rule: "升级".to_owned() }
}

pub(crate) async fn stored(desk: &Desk, id: EntryId) -> Entry {
    desk.store.entry(&Scope::everything(), id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_message_waits_in_the_record_and_is_answered_by_its_link() {
    on_each_store(async |desk| {
        let id = desk.app.send_notice(notice(true), rule()).await.unwrap();
        let entry = stored(&desk, id).await;
        assert_eq!((entry.state.as_str(), entry.due_at), ("waiting", Some(desk.app.now())));
        let token = Message::of(&entry).unwrap().token.unwrap();
        assert_eq!(token.reveal().len(), 32);
        // Only the digest can be looked for.
        assert!(desk.store.key(&format!("answer/{}", token.reveal())).await.unwrap().is_none());
        desk.clock.pass_s(40);
        desk.app.answer_by_token(token.reveal(), Given::plain(Answer::Received, "答复页")).await.unwrap();
        let entry =
            desk.app.answer_by_token(token.reveal(), Given::plain(Answer::OnScene, "答复页")).await.unwrap();
        let message = Message::of(&entry).unwrap();
        assert_eq!((entry.state.as_str(), message.answer), ("answered", Some(Answer::OnScene)));
        assert_eq!((message.answered_at, message.token), (Some(desk.app.now()), None));
        let said = desk.sentences_since(desk.head().await - 1).await;
        assert_eq!(said, ["带班领导 孙志远：答复 到场（答复页）"]);
    })
    .await;
}

#[tokio::test]
async fn a_secret_nobody_was_given_answers_nothing() {
    on_each_store(async |desk| {
        let id = desk.app.send_notice(notice(false), rule()).await.unwrap();
        assert_eq!(Message::of(&stored(&desk, id).await).unwrap().token, None);
        let refused =
            desk.app.answer_by_token("0123", Given::plain(Answer::Received, "答复页")).await.unwrap_err();
        assert!(matches!(refused, Fault::Refused(r) if r.code == "answer.unknown"));
    })
    .await;
}
