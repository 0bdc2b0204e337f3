//! What must stay equal stays equal, within one key and across spellings; across keys nothing does.

use std::collections::HashMap;

use arrow::{
    array::StringArray,
    datatypes::{DataType, Field},
};
use desensitize::{
    ColumnKey, Fpe, FpeResidentId, Mode, TOKEN_BYTES, Technique, Token, Transform,
    resident_id::{Kept, Part, ResidentId},
};
use proptest::prelude::*;

use crate::columns::{is_valid_id, recipe, resident_id, texts};

fn ids(mode: Mode) -> desensitize::ColumnRecipe {
    let keep = Kept::from_parts([Part::Prefecture, Part::BirthBand, Part::Sex]);
    recipe(Technique::Fpe(Fpe::ResidentId(FpeResidentId {
        mode,
        ..FpeResidentId::marked(keep)
    })))
}

fn one(recipe: &desensitize::ColumnRecipe, value: &str) -> String {
    texts(recipe, &[value]).unwrap().0[0].clone().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn marked_surrogates_never_validate_and_valid_ones_always_do(id in resident_id()) {
        prop_assert!(is_valid_id(&id));
        let (marked, valid) = (one(&ids(Mode::Marked), &id), one(&ids(Mode::Valid), &id));
        prop_assert!(!is_valid_id(&marked) && ResidentId::parse(&marked).is_err());
        prop_assert!(is_valid_id(&valid) && ResidentId::parse(&valid).is_ok());
        prop_assert_eq!(&marked[..17], &valid[..17]);
        prop_assert_eq!(&marked[..4], &id[..4]);
    }

    #[test]
    fn every_spelling_of_a_person_joins(id in resident_id()) {
        let wide: String = id.chars().map(|digit| char::from_u32(u32::from(digit) + 0xFEE0).unwrap()).collect();
        let mut spellings = vec![id.to_lowercase(), wide, format!(" {} {} ", &id[..6], &id[6..])];
        if &id[6..8] == "19" {
            spellings.push(format!("{}{}", &id[..6], &id[8..17]));
        }
        for recipe in [ids(Mode::Marked), recipe(Technique::Token(Token::resident_id()))] {
            for spelling in &spellings {
                prop_assert_eq!(one(&recipe, spelling), one(&recipe, &id));
            }
        }
    }

    #[test]
    fn different_persons_never_share_a_surrogate(ids_in in prop::collection::hash_set(resident_id(), 2..40)) {
        let values: Vec<&str> = ids_in.iter().map(String::as_str).collect();
        for recipe in [ids(Mode::Marked), ids(Mode::Valid), recipe(Technique::Token(Token::resident_id()))] {
            let (surrogates, _) = texts(&recipe, &values).unwrap();
            let by_surrogate: HashMap<_, _> = surrogates.into_iter().zip(&values).collect();
            prop_assert_eq!(by_surrogate.len(), values.len());
        }
    }
}

#[test]
fn another_key_gives_unrelated_values() {
    let id = StringArray::from(vec!["11010519491231002X"]);
    let under = |recipe: &desensitize::ColumnRecipe, key: u8| {
        let field = Field::new("c", DataType::Utf8, false);
        let transform =
            Transform::compile(recipe, &field, Some(&ColumnKey::from([key; 32]))).unwrap();
        transform.apply(&id, 1).unwrap().0
    };
    for recipe in [
        ids(Mode::Marked),
        recipe(Technique::Token(Token::text())),
        recipe(Technique::Token(Token::resident_id())),
    ] {
        assert_eq!(&under(&recipe, 1), &under(&recipe, 1));
        assert_ne!(&under(&recipe, 1), &under(&recipe, 2));
    }
}

#[test]
fn domains_name_the_key_that_joins() {
    let token = |token| Technique::Token(token);
    assert_eq!(ids(Mode::Marked).domain(), Some("resident-id"));
    assert_eq!(token(Token::resident_id()).domain(), Some("resident-id"));
    assert_eq!(token(Token::text()).domain(), Some("text"));
    assert_eq!(Technique::Redact.domain(), None);
    let mut mask = recipe(Technique::Mask(desensitize::Mask::mobile()));
    assert_eq!(mask.domain(), None);
    mask.on_broken = Some(desensitize::OnBroken::Token);
    assert_eq!(mask.domain(), Some("text"));
}

#[test]
fn a_token_follows_the_folded_text() {
    let token = recipe(Technique::Token(Token::text()));
    let same = [
        ("阿依古丽·买买提", "阿依古丽•买买提 "),
        ("کەرىم", "كەريم"),
        ("１２３", "123"),
    ];
    for (left, right) in same {
        assert_eq!(one(&token, left), one(&token, right), "{left} {right}");
    }
    assert_ne!(one(&token, "李明"), one(&token, "李鸣"));
    assert_eq!(one(&token, "").len(), TOKEN_BYTES);
}

/// These bytes are promised, and were computed a second time by a program in another language: another value here
/// would unjoin every sample released under the same key.
#[test]
fn outputs_are_pinned() {
    let id = "11010519491231002X";
    let found = [
        one(&ids(Mode::Valid), id),
        one(&ids(Mode::Marked), id),
        one(&recipe(Technique::Token(Token::resident_id())), id),
        one(&recipe(Technique::Token(Token::text())), "阿依古丽·买买提"),
        one(
            &recipe(Technique::Fpe(Fpe::Digits(desensitize::FpeDigits::new(
                "account",
            )))),
            "0012345678",
        ),
    ];
    assert_eq!(
        found.each_ref().map(String::as_str),
        [
            "110110194009280080",
            "110110194009280081",
            "tk_dfad54948bae66c1c39dfd3ca5779d66",
            "tk_f649b5e7f6e89990c1c76b2bc7e2fab2",
            "0080040411",
        ]
    );
}
