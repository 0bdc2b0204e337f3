//! Why a column is read as it is, in sentences for a person; counts and names, never a value.

use super::column::Observed;
use super::decide::{Ground, Stray};
use super::finding::Rate;
use super::names::{NameForm, NameMatch};
use super::recognise::Recogniser;
use super::{Basis, Semantic, ValueType};
use crate::Sentence;

/// All sentences, the deciding one first.
pub(super) fn reasons(
    observed: &Observed,
    (semantic, ground): (Semantic, Ground),
    said: Option<NameMatch>,
    strays: &[Stray],
    possible: &[Semantic],
    value_type: ValueType,
) -> Vec<Sentence> {
    let mut reasons = vec![grounds(observed, semantic, ground)];
    reasons.extend(said.map(|said| name(said, semantic, ground)));
    if semantic == Semantic::BirthDate && !said.is_some_and(|said| said.semantic == semantic) {
        let years = observed.years();
        reasons.push(Sentence::new(
            format!("its days reach over {years} years"),
            format!("日期跨度 {years} 年"),
        ));
    }
    reasons.extend(strays.iter().map(|stray| strayed(*stray)));
    reasons.extend(possible.iter().copied().map(question));
    if value_type == ValueType::Text && observed.fits.is_number() {
        reasons.push(match observed.fits.is_padded() {
            true => Sentence::new(
                "its digits begin with zeros that a number would lose, so it stays text",
                "数字以零开头，按数值存放会丢失，故保持文本",
            ),
            false => Sentence::new(
                "its digits are an id and not a number, so it stays text",
                "其数字是编号而非数值，故保持文本",
            ),
        });
    }
    reasons
}

/// An identifier among something else. Scrubbing finds it again, but neither names nor addresses.
fn strayed(
    Stray {
        identifier,
        inside,
        alone,
    }: Stray,
) -> Sentence {
    let Sentence { en, zh } = identifier.name();
    match alone {
        0 => Sentence::new(
            format!(
                "{inside} values hold {en} within a text; scrubbing masks it, but no names and addresses: redact where there are any"
            ),
            format!(
                "{inside} 个值的文字中夹有{zh}；清洗可遮蔽标识符，但不能识别姓名与地址，如有请改用屏蔽"
            ),
        ),
        _ => Sentence::new(
            format!(
                "{} values hold {en} among something else: hide the whole column",
                inside + alone
            ),
            format!("{} 个值中夹有{zh}：应隐藏整列", inside + alone),
        ),
    }
}

/// What a person has to say, since no value does.
fn question(semantic: Semantic) -> Sentence {
    let Sentence { en, zh } = semantic.name();
    Sentence::new(
        format!("to be confirmed: its values may be {en} and cannot prove it"),
        format!("待确认：其取值可能是{zh}，但仅凭取值无法证实"),
    )
}

fn grounds(observed: &Observed, semantic: Semantic, ground: Ground) -> Sentence {
    match ground {
        Ground::Values(rate) => counted(&rate),
        Ground::Supported(rate) => {
            let (cells, examined) = (rate.cells, observed.examined);
            Sentence::new(
                format!(
                    "{cells} of {examined} values agree with the name; they alone do not rule chance out"
                ),
                format!("{examined} 个值中有 {cells} 个与列名相符，仅凭取值尚不足以排除偶然"),
            )
        }
        Ground::Name(_) => Sentence::new(
            "the name alone says so; no value confirms or contradicts it",
            "仅凭列名判断，取值既未证实也未否定",
        ),
        Ground::Looks => {
            let Sentence { en, zh } = semantic.name();
            Sentence::new(
                format!("by types, lengths and counts it looks like {en}"),
                format!("从类型、长度和计数看，像是{zh}"),
            )
        }
    }
}

fn counted(rate: &Rate) -> Sentence {
    let Rate { valid, trials, .. } = rate;
    let (share, chance) = (100.0 * rate.share(), 100.0 * rate.chance);
    let exponent = rate.log10_p.floor();
    let once = Recogniser {
        semantic: rate.semantic,
        by: rate.by,
    }
    .counts_once();
    let (of_en, of_zh) = match rate.basis {
        _ if once => ("distinct values of its shape", "个不同的、形状相符的值"),
        Basis::Form | Basis::Words => ("values", "个值"),
        _ => ("values of its shape", "个形状相符的值"),
    };
    let weak = match rate.basis {
        Basis::Length => (
            "; other codes of this length look the same",
            "；同样长度的其他编号无法区分",
        ),
        _ => ("", ""),
    };
    Sentence::new(
        format!(
            "{valid} of {trials} {of_en} are valid ({share:.1} %); by chance {chance:.2} % would be (p ≤ 1e{exponent}){}",
            weak.0
        ),
        format!(
            "{trials} {of_zh}中有 {valid} 个有效（{share:.1}%）；偶然水平为 {chance:.2}%（p ≤ 1e{exponent}）{}",
            weak.1
        ),
    )
}

fn name(said: NameMatch, semantic: Semantic, ground: Ground) -> Sentence {
    let form = match said.form {
        NameForm::Chinese => ("Chinese", "中文"),
        NameForm::English => ("English", "英文"),
        NameForm::Pinyin => ("pinyin", "拼音"),
        NameForm::Initials => ("pinyin initials", "拼音首字母"),
    };
    let Sentence { en, zh } = said.semantic.name();
    if said.semantic == semantic {
        return Sentence::new(
            format!("the name ({}) says {en}", form.0),
            format!("列名（{}）表明是{zh}", form.1),
        );
    }
    let verb = match ground {
        Ground::Values(_) => ("the values say otherwise", "取值表明并非如此"),
        _ => ("the values do not show it", "取值未能证实"),
    };
    Sentence::new(
        format!("the name ({}) says {en}, but {}", form.0, verb.0),
        format!("列名（{}）表明是{zh}，但{}", form.1, verb.1),
    )
}
