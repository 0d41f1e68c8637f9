//! What the reader of TOML says is wrong, in the words of whoever writes a ledger.

/// The reason in Chinese; what is not known is quoted as it was said.
pub(crate) fn in_chinese(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let first = quoted.first().copied().unwrap_or_default();
    let rest = || quoted.iter().skip(1).copied().collect::<Vec<_>>().join("、");
    match message {
        m if m.starts_with("unknown field") => format!("没有“{first}”这一项；可以写的有：{}", rest()),
        m if m.starts_with("unknown variant") => format!("不认识“{first}”；可以写的有：{}", rest()),
        m if m.starts_with("missing field") => format!("少了“{first}”这一项"),
        m if m.starts_with("duplicate") => "同一项写了两次".to_owned(),
        m if m.starts_with("invalid type") => format!("写法的种类不对（{message}）"),
        _ => format!("写法不对（{message}）"),
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    fn wrong(text: &str) -> String {
        Catalog::load(&[("a.toml", text)]).unwrap_err().remove(0).to_string()
    }

    #[test]
    fn a_mistake_in_writing_is_told_in_chinese_with_what_may_stand_there() {
        assert_eq!(wrong("[[kind]]\nname = \"a\"\n"), "a.toml:1: 少了“label”这一项");
        let unknown = wrong("[[menu]]\nname = \"a\"\nlabel = \"b\"\ncolour = 1\n");
        assert_eq!(unknown, "a.toml:4: 没有“colour”这一项；可以写的有：name、label");
        let field = "[[kind]]\nname = \"a\"\nlabel = \"b\"\nmeasure = \"个\"\nstates = []\nfields = [{ name = \"x\", label = \"y\", type = \"verse\" }]\n";
        assert!(wrong(field).starts_with("a.toml:6: 不认识“verse”；可以写的有：text、integer、"));
        assert!(wrong("menu = 3").contains("写法的种类不对"));
        assert!(wrong("menu = [").contains("写法不对"));
        assert!(wrong("menu = []\nmenu = []").contains("两次"));
    }
}
