//! English or Chinese, as the environment says.

/// The language of what is said to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// 简体中文.
    Chinese,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// English.
    pub(crate) en: String,
    /// 简体中文.
    pub(crate) zh: String,
}

/// A [`Text`] of two format strings over the same variables.
macro_rules! text {
    ($en:literal, $zh:literal $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::language::Text {
            en: format!($en $(, $key = $value)*),
            zh: format!($zh $(, $key = $value)*),
        }
    };
}
pub(crate) use text;

impl Language {
    /// POSIX's order: the first of these that is set and not empty decides.
    const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

    /// The language that an environment asks for; English unless it says `zh`.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut set = Self::VARIABLES.iter().filter_map(|name| variable(name));
        match set.find(|value| !value.is_empty()) {
            Some(locale) if locale.starts_with("zh") => Self::Chinese,
            _ => Self::English,
        }
    }

    /// The verifier's name for this language.
    pub(crate) const fn of_verifier(self) -> lineage::verify::Language {
        match self {
            Self::English => lineage::verify::Language::English,
            Self::Chinese => lineage::verify::Language::Chinese,
        }
    }
}

impl Text {
    /// The text in one language.
    pub(crate) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }

    /// One text for both languages, such as a name or a library's own words.
    pub(crate) fn same(text: impl ToString) -> Self {
        let en = text.to_string();
        Self { zh: en.clone(), en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let check = |set: &[(&str, &str)], expect| {
            let variable = |name: &str| {
                set.iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Language::of(variable), expect, "{set:?}");
        };
        check(&[], Language::English);
        check(&[("LANG", "zh_CN.UTF-8")], Language::Chinese);
        check(
            &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")],
            Language::English,
        );
        check(
            &[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN")],
            Language::Chinese,
        );
        check(&[("LANG", "zh"), ("LC_ALL", "")], Language::Chinese);
        check(
            &[("LANG", "C"), ("LC_MESSAGES", "zh_CN")],
            Language::Chinese,
        );
    }
}
