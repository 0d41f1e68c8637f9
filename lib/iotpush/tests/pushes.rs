//! Pushes as the operators document them and as the field has sent them.

use iotpush::{BATCH_MAX, Payload, Push, PushError, Scalar, ctwing, iotda, onenet};

const TOKEN: &str = "yunxiu2026";

fn only(pushes: Result<Vec<Push>, PushError>) -> Push {
    let mut pushes = pushes.expect("a push");
    assert_eq!(pushes.len(), 1);
    pushes.remove(0)
}

fn number(push: &Push, name: &str) -> Option<f64> {
    let Payload::Fields(fields) = &push.payload else { panic!("{push:?}") };
    fields.get(name).and_then(Scalar::number)
}

fn new_form(msg: &str) -> String {
    let signature = onenet::sign(TOKEN, "abcdefgh", msg);
    serde_json::json!({ "msg": msg, "nonce": "abcdefgh", "signature": signature, "time": 1_700_000_000_000_i64, "id": "x" })
        .to_string()
}

fn old_form(msg: &str) -> String {
    let signature = onenet::sign(TOKEN, "I$TLyP&f", msg);
    format!(r#"{{"msg":{msg},"msg_signature":"{signature}","nonce":"I$TLyP&f"}}"#)
}

mod china_telecom {
    use super::*;

    #[test]
    fn decoded_fields_of_a_smoke_detector() {
        let body = br#"{"upPacketSN":-1,"upDataSN":-1,"topic":"v1/up/ad19prof","timestamp":1606982320277,"tenantId":"10461180","serviceId":"","protocol":"lwm2m","productId":"15014772","payload":{"serviceId":"notification","serviceData":{"TData":30,"SNR":1,"RSRP":114,"IMEI":"860374051096202","Cell_ID_Length":8,"Cell_ID":"38848339","CSQ":5,"Battery_Level":100,"Alarm_Status":2,"AlarmLevel":100}},"messageType":"dataReport","deviceType":"","deviceId":"acf7baaee65e431eadfb8f5fe50e8b81","assocAssetId":"","IMSI":"undefined","IMEI":"860374051096202"}"#;
        let push = only(ctwing::read(body));
        assert_eq!(push.device, "acf7baaee65e431eadfb8f5fe50e8b81");
        assert_eq!(push.at.unwrap().to_string(), "2020-12-03T07:58:40.277Z");
        assert_eq!((number(&push, "Alarm_Status"), number(&push, "TData")), (Some(2.0), Some(30.0)));
    }

    #[test]
    fn bytes_passed_through() {
        let body = br#"{"upPacketSN":"","timestamp":1589444235861,"payload":{"APPdata":"UFUAPBAAAAYBAAMAJwMnuwpogDAwYGckCQYAAQAADjxkZAJVcVCnAAAAAAAAAEYAAAAAAAAAAAEDJ7sKAAAAAA=="},"messageType":"dataReport","deviceId":"44d0b9e48d404094bbbcf889e4e64ece"}"#;
        let push = only(ctwing::read(body));
        let Payload::Bytes(bytes) = &push.payload else { panic!("{push:?}") };
        assert_eq!((&bytes[..4], bytes.len()), (&[0x50, 0x55, 0x00, 0x3C][..], 64));
    }

    #[test]
    fn coming_and_going_and_answers_to_commands() {
        let body = br#"{"timestamp":1589444231825,"messageType":"deviceOnlineOfflineReport","eventType":1,"deviceId":"44d0"}"#;
        assert_eq!(only(ctwing::read(body)).payload, Payload::Lifecycle { online: true });
        let body = br#"{"taskId":1,"result":{"resultCode":"DELIVERED"},"messageType":"commandResponse","deviceId":"44d0"}"#;
        assert!(matches!(only(ctwing::read(body)).payload, Payload::Other(_)));
    }

    #[test]
    fn what_is_no_push_is_refused() {
        assert!(matches!(ctwing::read(b"{}"), Err(PushError::Shape(_))));
        assert!(matches!(ctwing::read(b"hello"), Err(PushError::Json(_))));
        assert!(matches!(
            ctwing::read(br#"{"messageType":"dataReport","deviceId":""}"#),
            Err(PushError::Shape(_))
        ));
    }
}

mod china_mobile {
    use super::*;

    const VALUE: &str = r#"{"at":1552274056993,"imei":"866971031491171","type":1,"ds_id":"3200_0_5750","value":"0000350001350100000101FF7240","dev_id":518816929}"#;

    #[test]
    fn the_handshake_is_answered_to_whoever_knows_the_token() {
        // base64(md5("yunxiu2026" + "abcdefgh" + "hello")), computed by another program.
        let signature = "c/Cut53jm3z6XfVpxisHSQ==";
        assert_eq!(onenet::sign(TOKEN, "abcdefgh", "hello"), signature);
        assert!(onenet::handshake(TOKEN, "hello", "abcdefgh", signature));
        assert!(onenet::handshake(TOKEN, "hello", "abcdefgh", signature.trim_end_matches('=')));
        assert!(!onenet::handshake(TOKEN, "hallo", "abcdefgh", signature));
        assert!(!onenet::handshake("other", "hello", "abcdefgh", signature));
        assert!(!onenet::handshake(TOKEN, "hello", "abcdefgh", ""));
    }

    #[test]
    fn a_plus_that_became_a_space_is_still_right() {
        let with_plus =
            (0..500).map(|n| n.to_string()).find(|n| onenet::sign(TOKEN, n, "m").contains('+')).unwrap();
        let signature = onenet::sign(TOKEN, &with_plus, "m").replace('+', " ");
        assert!(onenet::handshake(TOKEN, "m", &with_plus, &signature));
    }

    #[test]
    fn the_old_form_is_signed_exactly_as_it_was_sent() {
        let push = only(onenet::read(old_form(VALUE).as_bytes(), TOKEN, None));
        assert_eq!(push.device, "866971031491171");
        assert_eq!(push.at.unwrap().as_millisecond(), 1_552_274_056_993);
        assert_eq!(push.payload.bytes()[0][..3], [0x00, 0x00, 0x35]);
        let tampered = old_form(VALUE).replace("1491171", "1491172");
        assert_eq!(onenet::read(tampered.as_bytes(), TOKEN, None), Err(PushError::Signature));
        // Spaces are part of what was signed.
        let spaced = old_form(VALUE).replace("\"type\":1", "\"type\": 1");
        assert_eq!(onenet::read(spaced.as_bytes(), TOKEN, None), Err(PushError::Signature));
    }

    #[test]
    fn the_old_form_may_have_several_messages() {
        let two = format!("[{VALUE},{}]", r#"{"type":2,"dev_id":518816929,"status":0,"at":1552274056999}"#);
        let pushes = onenet::read(old_form(&two).as_bytes(), TOKEN, None).unwrap();
        assert_eq!(pushes.len(), 2);
        assert_ne!(pushes[0].id, pushes[1].id);
        assert_eq!(
            (pushes[1].device.as_str(), &pushes[1].payload),
            ("518816929", &Payload::Lifecycle { online: false })
        );
    }

    #[test]
    fn the_new_form_has_a_text_with_properties_in_it() {
        let msg = r#"{"projectId":"990909090","productId":"00001","deviceName":"iot-0001","messageType":"notify","notifyType":"property","imei":"509830501643080","data":{"id":"12345","params":{"Power":{"value":"on","time":1524448722123},"WF":{"value":23.6,"time":1524448722124}}}}"#;
        let push = only(onenet::read(new_form(msg).as_bytes(), TOKEN, None));
        assert_eq!((push.device.as_str(), number(&push, "WF")), ("509830501643080", Some(23.6)));
        assert_eq!(push.at.unwrap().as_millisecond(), 1_524_448_722_124);
        let Payload::Fields(fields) = &push.payload else { panic!() };
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["Power", "WF"]);
    }

    #[test]
    fn the_new_form_tells_of_coming_and_going_and_is_silent_about_rules() {
        let msg = r#"{"deviceName":"iot-0001","messageType":"lifeCycle","data":{"status":"online","time":1524448722123}}"#;
        let push = only(onenet::read(new_form(msg).as_bytes(), TOKEN, None));
        assert_eq!((push.device.as_str(), push.payload), ("iot-0001", Payload::Lifecycle { online: true }));
        let msg = r#"{"projectId":"990909090","messageType":"sceneLog","data":{}}"#;
        assert_eq!(onenet::read(new_form(msg).as_bytes(), TOKEN, None), Ok(vec![]));
    }

    #[test]
    fn a_repeated_push_has_the_same_identity_although_its_nonce_differs() {
        let again = {
            let signature = onenet::sign(TOKEN, "zzzzzzzz", VALUE);
            format!(r#"{{"msg":{VALUE},"msg_signature":"{signature}","nonce":"zzzzzzzz"}}"#)
        };
        let first = only(onenet::read(old_form(VALUE).as_bytes(), TOKEN, None));
        assert_eq!(only(onenet::read(again.as_bytes(), TOKEN, None)).id, first.id);
    }

    #[test]
    fn a_batch_has_a_limit() {
        let batch = |n: usize| format!("[{}]", vec![VALUE; n].join(","));
        assert_eq!(
            onenet::read(old_form(&batch(BATCH_MAX)).as_bytes(), TOKEN, None).unwrap().len(),
            BATCH_MAX
        );
        assert_eq!(
            onenet::read(old_form(&batch(BATCH_MAX + 1)).as_bytes(), TOKEN, None),
            Err(PushError::TooMany)
        );
    }

    // Both texts were encrypted by openssl.
    const NEW_KEY: &str = "0123456789abcdef";
    const NEW_TEXT: &str = "ecwpO/1yXOuoQK47iKa4Q38b8xsaorwcuNbha4TVy/Hzxcp5+Pa9ax6MUeFLgzXTF7hl14H8hVdU7oFxBHnt0lDIDyY9mbIYjFnqSqpAgjDrJdYktwvwlzRCVFo1ERygw+qOahtpOUiDqHo2rsVoRBGocdn6YIzHxAWZJoqgjXUE3FQoTABGYtwxl9ajBHHf";
    const OLD_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OLD_TEXT: &str = "ebp7chXpiSfcmziNrB7W6QH08aslFohYvTu8VtCHD7mQxoovBYRyVV/qzIrlF51O7AsIBlusLTjY0MuxT873UKWuT+xZSvw8IotfX8iesV2lapq9cNKd3POts7pyuFmy4FnO+92U8eDt2kkzF14QBDRL9XxoXLG66VchJDO6qkAOdysMtAOH/Z/BGTkm3wLOhHmMEfyvqZQ8p3gyErbLlA==";

    #[test]
    fn the_new_form_encrypted() {
        let key = onenet::Key::new(NEW_KEY).unwrap();
        let push = only(onenet::read(new_form(NEW_TEXT).as_bytes(), TOKEN, Some(&key)));
        assert_eq!(push.device, "866971031491171");
    }

    #[test]
    fn the_old_form_encrypted() {
        let key = onenet::Key::new(OLD_KEY).unwrap();
        let signature = onenet::sign(TOKEN, "n", OLD_TEXT);
        let body = format!(r#"{{"enc_msg":"{OLD_TEXT}","msg_signature":"{signature}","nonce":"n"}}"#);
        assert_eq!(only(onenet::read(body.as_bytes(), TOKEN, Some(&key))).device, "866971031491171");
        assert_eq!(onenet::read(body.as_bytes(), TOKEN, None), Err(PushError::Encryption));
    }

    #[test]
    fn the_wrong_key_and_the_missing_one_are_told_apart() {
        let other = onenet::Key::new("fedcba9876543210").unwrap();
        let read = |key| onenet::read(new_form(NEW_TEXT).as_bytes(), TOKEN, key);
        assert!(matches!(read(Some(&other)), Err(PushError::Decryption | PushError::Json(_))));
        assert_eq!(read(None), Err(PushError::Encryption));
        let key = onenet::Key::new(NEW_KEY).unwrap();
        assert_eq!(onenet::read(old_form(VALUE).as_bytes(), TOKEN, Some(&key)), Err(PushError::Encryption));
        assert!(onenet::Key::new("short").is_none());
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}

mod huawei {
    use super::*;

    #[test]
    fn the_headers_are_signed_by_the_three_texts_sorted() {
        // sha256("1700000000000" + "n0nce" + "yunxiu2026"), computed by another program.
        let signature = "e6bdf61856b678bf3e1c5050931e221ee6d3207d660db42cd5fefa2698e6c6df";
        assert!(iotda::verify(TOKEN, "1700000000000", "n0nce", signature));
        assert!(iotda::verify(TOKEN, "1700000000000", "n0nce", &signature.to_ascii_uppercase()));
        assert!(!iotda::verify(TOKEN, "1700000000001", "n0nce", signature));
        assert!(!iotda::verify(TOKEN, "1700000000000", "n0nce", ""));
    }

    #[test]
    fn properties_of_services_are_messages_of_their_own() {
        let body = br#"{"resource":"device.property","event":"report","event_time_ms":"2026-09-12T17:30:41.632Z","notify_data":{"header":{"device_id":"6aa570ac155456566827c784_fuyun-demo-001","node_id":"fuyun-demo-001"},"body":{"services":[{"service_id":"Smoke","properties":{"alarm":1},"event_time":"20260912T173041Z"},{"service_id":"Battery","properties":{"level":78}}]}}}"#;
        let pushes = iotda::read(body).unwrap();
        assert_eq!(pushes.len(), 2);
        assert_eq!(pushes[0].device, "6aa570ac155456566827c784_fuyun-demo-001");
        assert_eq!(pushes[0].at.unwrap().to_string(), "2026-09-12T17:30:41Z");
        assert_eq!(pushes[1].at.unwrap().to_string(), "2026-09-12T17:30:41.632Z");
        assert_eq!(number(&pushes[1], "level"), Some(78.0));
        assert_ne!(pushes[0].id, pushes[1].id);
    }

    #[test]
    fn messages_and_states() {
        let body = br#"{"resource":"device.message","event":"report","event_time":"20151212T121212Z","notify_data":{"header":{"device_id":"d1"},"body":{"topic":"t","content":"404001"}}}"#;
        assert_eq!(only(iotda::read(body)).payload.bytes(), [vec![0x40, 0x40, 0x01]]);
        let body = br#"{"resource":"device.status","event":"update","event_time":"20151212T121212Z","notify_data":{"header":{"device_id":"d1"}},"body":{"status":"OFFLINE"}}"#;
        assert_eq!(only(iotda::read(body)).payload, Payload::Lifecycle { online: false });
    }

    #[test]
    fn the_old_form() {
        let body = br#"{"notifyType":"deviceDataChanged","deviceId":"a2664352","gatewayId":"a2664352","requestId":null,"service":{"serviceId":"ServiceAPI","serviceType":"ServiceAPI","data":{"payload":"d108637030330005"},"eventTime":"20180806T093436Z"}}"#;
        let push = only(iotda::read(body));
        assert_eq!(push.payload.bytes(), [vec![0xD1, 0x08, 0x63, 0x70, 0x30, 0x33, 0x00, 0x05]]);
        assert_eq!(push.at.unwrap().to_string(), "2018-08-06T09:34:36Z");
        let body = br#"{"notifyType":"deviceInfoChanged","deviceId":"a","deviceInfo":{"status":"ONLINE"}}"#;
        assert_eq!(only(iotda::read(body)).payload, Payload::Lifecycle { online: true });
    }

    #[test]
    fn what_is_no_push_is_refused_and_services_have_a_limit() {
        assert!(matches!(iotda::read(b"{}"), Err(PushError::Shape(_))));
        let of = |n: usize| {
            let services = vec![r#"{"properties":{"a":1}}"#; n].join(",");
            format!(
                r#"{{"resource":"device.property","notify_data":{{"header":{{"device_id":"d"}},"body":{{"services":[{services}]}}}}}}"#
            )
        };
        assert_eq!(iotda::read(of(BATCH_MAX).as_bytes()).unwrap().len(), BATCH_MAX);
        assert_eq!(iotda::read(of(BATCH_MAX + 1).as_bytes()), Err(PushError::TooMany));
    }
}

mod anything {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_a_stranger_sends_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let key = onenet::Key::new("0123456789abcdef").unwrap();
            let _ = (ctwing::read(&body), iotda::read(&body), onenet::read(&body, TOKEN, None), onenet::read(&body, TOKEN, Some(&key)));
        }

        #[test]
        fn whatever_was_signed_is_opened_or_refused(text in "[A-Za-z0-9+/=]{0,200}") {
            for key in ["0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"] {
                let key = onenet::Key::new(key).unwrap();
                let _ = onenet::read(new_form(&text).as_bytes(), TOKEN, Some(&key));
            }
        }
    }
}
