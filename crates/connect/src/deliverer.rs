//! The task that sends what waits: it asks the application what is due, carries each message to its gateway
//! beside the others, and says what became of it. It keeps nothing: stopped at any point, it finds the rest again.

use crate::request::sent;
use crate::transport::Transport;
use crate::{dingtalk, http_gateway, mail, transport, webhook, wecom, words};
use fengsui_app::{App, AttemptOutcome, Dispatch, Driver, Fault, Sent};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is asked what is due.
const BEAT: Duration = Duration::from_millis(200);

/// Sends what waits.
pub struct Deliverer {
    app: Arc<App>,
    transport: Arc<Transport>,
    site: Option<Arc<str>>,
}

impl Deliverer {
    /// A deliverer; `site` is the address at which a telephone reaches this site, for links.
    pub fn new(app: Arc<App>, transport: Transport, site: Option<String>) -> Self {
        Self { app, transport: Arc::new(transport), site: site.map(Arc::from) }
    }

    /// Sends for as long as the program runs.
    pub async fn run(self) {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut out = JoinSet::new();
        loop {
            beat.tick().await;
            while out.try_join_next().is_some() {}
            if let Err(fault) = self.hand_out(&mut out).await {
                tracing::warn!(%fault, "what waits to be sent could not be asked for");
            }
        }
    }

    /// Sends what is due now and waits until all of it is recorded.
    pub async fn round(&self) -> Result<usize, Fault> {
        let mut out = JoinSet::new();
        let count = self.hand_out(&mut out).await?;
        while out.join_next().await.is_some() {}
        Ok(count)
    }

    async fn hand_out(&self, out: &mut JoinSet<()>) -> Result<usize, Fault> {
        let due = self.app.dispatch().await?;
        let count = due.len();
        for dispatch in due {
            let (app, transport, site) = (self.app.clone(), self.transport.clone(), self.site.clone());
            out.spawn(async move {
                let sent = carry(&transport, &dispatch, site.as_deref()).await;
                if let Err(fault) = app.note_sent(&dispatch, sent).await {
                    tracing::warn!(%fault, "what became of a message could not be recorded; it is sent again");
                }
            });
        }
        Ok(count)
    }
}

/// Carries one message to its gateway.
async fn carry(transport: &Transport, dispatch: &Dispatch, site: Option<&str>) -> Sent {
    let text = words::whole(dispatch, site);
    let request = match dispatch.channel.driver {
        Driver::Test => return tested(dispatch),
        Driver::Smtp => return mail::send(dispatch, &text, transport::ANSWER_WAIT).await,
        Driver::SmsHttp | Driver::VoiceHttp => http_gateway::request(dispatch, &text),
        Driver::Dingtalk => dingtalk::request(dispatch, &text),
        Driver::Wecom => wecom::request(dispatch, &text),
        Driver::Webhook => webhook::request(dispatch, &text),
    };
    match transport.send(request).await {
        Ok(reply) => match dispatch.channel.driver {
            Driver::Dingtalk | Driver::Wecom => dingtalk::read(&reply),
            Driver::Webhook => webhook::read(&reply),
            Driver::SmsHttp | Driver::VoiceHttp | Driver::Smtp | Driver::Test => {
                http_gateway::read(&dispatch.channel, &reply)
            }
        },
        Err(why) => sent(AttemptOutcome::Failed, why),
    }
}

/// The test gateway: nothing leaves; the log shows what would have.
fn tested(dispatch: &Dispatch) -> Sent {
    match dispatch.channel.setting("behaviour") {
        "fails" => sent(AttemptOutcome::Failed, "试验网关按设置应答 500"),
        "no_number" => sent(AttemptOutcome::NoSuchNumber, "试验网关按设置说是空号"),
        _ => Sent {
            gateway_id: Some(dispatch.number.clone()),
            ..sent(AttemptOutcome::Delivered, "试验网关收下，没有真的发出")
        },
    }
}
