//! `token`: a pseudonym per value, the same wherever the key is the same.

use arrow::array::{Array, ArrayRef};

use super::{Column, Kernel, RESIDENT_ID_DOMAIN, Sentence, TEXT_DOMAIN};
use crate::{
    ColumnKey, Fault, Identifier, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    folding::folded_for_token,
    key::Prf,
    name::fold_name,
    resident_id::ResidentId,
    rewrite,
};

/// What every token begins with, so that nobody takes one for an identifier.
pub const TOKEN_PREFIX: &str = "tk_";
/// Bytes of a token: the prefix and 128 bits of HMAC-SHA-256 in 32 lower-case hexadecimal digits.
pub const TOKEN_BYTES: usize = TOKEN_PREFIX.len() + 2 * TAG_BYTES;
/// Bytes of the tag that are kept: a collision is expected only after 2^64 values.
const TAG_BYTES: usize = 16;

/// Replaces each text by `tk_` and 32 hexadecimal digits of HMAC-SHA-256 (RFC 2104) under the column domain's key.
///
/// Two spellings of one text share a token: blanks at the ends, Unicode composition, full-width digits, name
/// separators, and in Arabic script the letters that keyboards confuse are folded first.
/// What a reader learns: which rows, here and in every table of the same domain and key, hold the same value, and how
/// often each occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The column domain; columns of one domain join under one scenario key.
    pub domain: String,
    /// What counts as the same value.
    pub form: TokenForm,
}

/// What counts as the same value for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// The folded text.
    Text,
    /// A person's name: the folded text, blanks and letter case aside. Two persons of one name share a token, and one
    /// person whose name is written in two scripts has two: for one token per person, tokenise the person's id.
    Name,
    /// The person's 18-digit id, whether written with 15 or 18 digits; anything else is broken input.
    ResidentId,
    /// Who holds the identifier, by any of its spellings ([`Identifier::holder`]); anything else is broken input.
    Identifier(Identifier),
}

impl Token {
    /// A token of any text, under [`TEXT_DOMAIN`].
    #[must_use]
    pub fn text() -> Self {
        Self {
            domain: TEXT_DOMAIN.to_owned(),
            form: TokenForm::Text,
        }
    }

    /// A token of a person's name, under [`TEXT_DOMAIN`].
    #[must_use]
    pub fn name() -> Self {
        Self {
            form: TokenForm::Name,
            ..Self::text()
        }
    }

    /// A token of a 居民身份证, under [`RESIDENT_ID_DOMAIN`].
    #[must_use]
    pub fn resident_id() -> Self {
        Self {
            domain: RESIDENT_ID_DOMAIN.to_owned(),
            form: TokenForm::ResidentId,
        }
    }

    /// A token of an identifier, under its own domain ([`Identifier::domain`]): credit code, organisation code and tax
    /// number of one body share one.
    #[must_use]
    pub fn identifier(identifier: Identifier) -> Self {
        match identifier {
            Identifier::ResidentId => Self::resident_id(),
            other => Self {
                domain: other.domain().unwrap_or(other.id()).to_owned(),
                form: TokenForm::Identifier(other),
            },
        }
    }

    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        column.must_be_text(Phrase::new("constant", "constant"))?;
        Ok(Box::new(TokenKernel {
            key: TokenKey::new(column.key()?),
            form: self.form,
        }))
    }
}

pub(crate) fn learnable() -> Sentence {
    Sentence::new(
        "which rows hold the same value, here and in other tables of the same scenario, and how often each occurs",
        "可知哪些行（含同一场景的其他表）取值相同及其频次",
    )
}

pub(crate) fn reversible() -> Sentence {
    Sentence::new(
        "not reversible without the key; whoever holds the key can test a guessed value",
        "无密钥不可逆；持有密钥者可验证猜测的值",
    )
}

/// The key of tokens, kept apart from every other use of the column's key.
pub(crate) struct TokenKey(Prf);

/// A finished token.
pub(crate) struct TokenText(String);

impl TokenText {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TokenKey {
    pub(crate) fn new(key: &ColumnKey) -> Self {
        Self(key.subkey("karez/token/v1").prf())
    }

    /// The token of any text, for broken input.
    pub(crate) fn token(&self, text: &str) -> TokenText {
        let mut folded = String::new();
        let folded = folded_for_token(text, &mut folded);
        let mut token = String::with_capacity(TOKEN_BYTES);
        self.write(Kind::Text, folded.as_bytes(), &mut token);
        TokenText(token)
    }

    fn write(&self, kind: Kind, canonical: &[u8], out: &mut String) {
        let tag = self.0.compute(&[&[kind as u8], canonical]);
        let mut hex = [0; 2 * TAG_BYTES];
        for (to, byte) in hex.as_chunks_mut::<2>().0.iter_mut().zip(tag) {
            *to = [hex_digit(byte >> 4), hex_digit(byte & 0xf)];
        }
        out.push_str(TOKEN_PREFIX);
        out.push_str(str::from_utf8(&hex).unwrap_or_default());
    }
}

/// A number below 16 as a hexadecimal digit; without a table, so that all digits of a token are found at once.
const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 {
        b'0' + nibble
    } else {
        b'a' + nibble - 10
    }
}

/// Separates the tokens of valid ids from those of broken ones under one key.
#[derive(Clone, Copy)]
enum Kind {
    Text = 0,
    ResidentId = 1,
    Identifier = 2,
}

/// Writes tokens through one folding buffer per batch.
struct TokenKernel {
    key: TokenKey,
    form: TokenForm,
}

impl Kernel for TokenKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let (mut text, mut folded) = (String::new(), String::new());
        rewrite::text_of_bytes(column, broken, column.len() * TOKEN_BYTES, |value, out| {
            match self.form {
                TokenForm::Name => {
                    fold_name(value, &mut text, &mut folded);
                    self.key.write(Kind::Text, folded.as_bytes(), out);
                }
                TokenForm::Text => {
                    let folded = folded_for_token(value, &mut folded);
                    self.key.write(Kind::Text, folded.as_bytes(), out);
                }
                TokenForm::ResidentId => {
                    let id = ResidentId::parse(value).map_err(|_| {
                        Malformed(Phrase::new("a valid resident id", "有效的身份证号"))
                    })?;
                    self.key.write(Kind::ResidentId, &id.to_bytes(), out);
                }
                TokenForm::Identifier(identifier) => {
                    folded.clear();
                    identifier
                        .holder(value, &mut folded)
                        .map_err(|_| Malformed(identifier.expected()))?;
                    self.key.write(Kind::Identifier, folded.as_bytes(), out);
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{AsArray, StringArray},
        datatypes::Field,
    };

    use super::*;
    use crate::{ColumnRecipe, Technique, Transform};

    /// The tokens of some texts taken as an identifier, broken ones as null.
    fn tokens(identifier: Identifier, texts: &[&str]) -> Vec<Option<String>> {
        let field = Field::new("id", arrow::datatypes::DataType::Utf8, true);
        let recipe = ColumnRecipe::new("id", Technique::Token(Token::identifier(identifier)));
        let key = ColumnKey::from([7; 32]);
        let transform = Transform::compile(&recipe, &field, Some(&key)).unwrap();
        let texts = StringArray::from_iter_values(texts);
        let (tokens, counts) = transform.apply(&texts, 1).unwrap();
        assert_eq!(counts.broken, u64::try_from(tokens.null_count()).unwrap());
        let tokens = tokens.as_string::<i32>();
        tokens
            .iter()
            .map(|token| token.map(str::to_owned))
            .collect()
    }

    #[test]
    fn all_numbers_of_one_body_are_one_token() {
        let credit = tokens(
            Identifier::CreditCode,
            &["91440300MA5H8REU3K", "９１４４０３００ma5h8reu3k"],
        );
        assert!(credit[0].is_some() && credit[0] == credit[1]);
        assert_eq!(
            tokens(Identifier::OrganisationCode, &["MA5H8REU-3"]),
            credit[..1]
        );
        assert_eq!(
            tokens(Identifier::TaxNumber, &["91440300MA5H8REU3K"]),
            credit[..1]
        );
        let other = tokens(
            Identifier::CreditCode,
            &["91440300MA5DLQQW0F", "91440300MA5H8REU3L"],
        );
        assert!(other[0].is_some() && other[0] != credit[0] && other[1].is_none());
        assert_eq!(
            Token::identifier(Identifier::ResidentId),
            Token::resident_id()
        );
    }
}
