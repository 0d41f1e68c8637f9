//! What an answer does to the alarm it is about: it stands on the timeline, gives the person time, and closes
//! nothing.

use crate::changes::Said;
use crate::entries::read;
use crate::messages::{Answer, Message};
use crate::{App, Fault};
use fengsui_alarm::{Answered, Input};
use fengsui_base::{EntryId, Scope};
use fengsui_store::ChangeSet;

impl App {
    /// Adds an answer to the alarm that the message is about; nothing, when it is about something else or the
    /// alarm is closed already.
    pub(crate) async fn add_alarm_answer(
        &self,
        change: &mut ChangeSet,
        id: EntryId,
        message: &Message,
        answer: Answer,
        note: Option<String>,
        way: &str,
    ) -> Result<(), Fault> {
        let entry = self.store.entry(&Scope::everything(), message.about).await?;
        let Some(entry) = entry.filter(|e| e.kind == "alarm") else { return Ok(()) };
        let Some(alarm) = read(&entry).filter(|a| !a.is_closed()) else { return Ok(()) };
        let answered = Answered {
            message: id,
            name: message.recipient_name.clone(),
            role: message.recipient_role.clone(),
            answer,
            note,
            through: way.to_owned(),
            at: change.at,
        };
        let actor = crate::messages::recipient_actor(message);
        let (alarm, event) = alarm.handle(Input::Answer(answered), change.at)?;
        let steps = vec![Said::of(&event, &alarm, "答复")];
        self.add_alarm(change, &alarm, Some((&entry).into()), steps, &actor);
        Ok(())
    }
}
