//! What does a column's name say? English words, Chinese, pinyin in full, and initials of pinyin.

use super::semantic::Semantic;
use crate::Identifier;

/// How a name said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameForm {
    /// Initials of pinyin, which are initials of other words too.
    Initials,
    /// Pinyin in full.
    Pinyin,
    /// English words.
    English,
    /// Chinese, in the name or in its comment.
    Chinese,
}

/// What a name says, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameMatch {
    /// What it says that the column holds.
    pub semantic: Semantic,
    /// How it says so.
    pub form: NameForm,
}

/// One row of the dictionary; words of one form are separated by blanks.
struct Row {
    semantic: Semantic,
    chinese: &'static str,
    english: &'static str,
    pinyin: &'static str,
    initials: &'static str,
}

const fn row(
    semantic: Semantic,
    chinese: &'static str,
    english: &'static str,
    pinyin: &'static str,
    initials: &'static str,
) -> Row {
    Row {
        semantic,
        chinese,
        english,
        pinyin,
        initials,
    }
}

const fn of(identifier: Identifier) -> Semantic {
    Semantic::Identifier(identifier)
}

/// English words of one entry are joined by `_`; the longest entry that fits a name decides.
const DICTIONARY: [Row; 36] = [
    row(
        of(Identifier::ResidentId),
        "身份证 身份号码 身份证件号码 证件号码 证件号",
        "resident_id id_card id_number idcard citizen_id identity_no identity_card id_no",
        "shenfenzheng shenfenhaoma zhengjianhao",
        "SFZ SFZH SFZHM SFZHM GMSFHM GMSFZH GMSFZHM ZJH ZJHM SFZJHM",
    ),
    row(
        of(Identifier::CreditCode),
        "信用代码",
        "credit_code uscc usci social_credit",
        "xinyongdaima",
        "TYSHXYDM SHXYDM XYDM TYXYDM",
    ),
    row(
        of(Identifier::OrganisationCode),
        "组织机构代码 机构代码",
        "organization_code organisation_code org_code",
        "zuzhijigoudaima",
        "ZZJGDM JGDM",
    ),
    row(
        of(Identifier::TaxNumber),
        "纳税人识别号 税号 纳税识别号",
        "tax_number taxpayer_no taxpayer_id tax_id tax_no",
        "nashuirenshibiehao shuihao",
        "NSRSBH NSSBH",
    ),
    row(
        of(Identifier::BankCard),
        "银行卡 银行账号 银行账户",
        "bank_card bank_account bank_card_no bank_card_number",
        "yinhangka yinhangzhanghao",
        "YHKH YHKHM YHZH",
    ),
    row(
        of(Identifier::Mobile),
        "手机 移动电话 联系电话 联系方式",
        "mobile cellphone cell_phone phone mobile_phone telephone tel",
        "shouji yidongdianhua lianxidianhua lianxifangshi",
        "SJH SJHM SJ LXDH LXFS YDDH SJHAOMA",
    ),
    row(
        of(Identifier::Landline),
        "固定电话 座机 固话 办公电话 住宅电话",
        "landline fixed_phone office_phone home_phone",
        "gudingdianhua zuoji bangongdianhua",
        "GDDH ZJDH BGDH GHHM",
    ),
    row(
        of(Identifier::Plate),
        "车牌 号牌",
        "plate plate_no license_plate licence_plate car_no vehicle_no",
        "chepai haopaihaoma",
        "CPH CPHM HPHM",
    ),
    row(
        of(Identifier::Passport),
        "护照",
        "passport",
        "huzhao",
        "HZH HZHM",
    ),
    row(
        of(Identifier::HongKongMacaoPermit),
        "回乡证 港澳居民 港澳通行证 港澳",
        "hk_macao_permit hk_macao home_return_permit",
        "huixiangzheng gangaojumin gangao",
        "HXZ HXZH GAJMTXZ",
    ),
    row(
        of(Identifier::TaiwanPermit),
        "台胞证 台湾居民",
        "taiwan_permit mtp",
        "taibaozheng taiwanjumin",
        "TBZ TBZH TWJMTXZ",
    ),
    row(
        of(Identifier::Vin),
        "车辆识别 车架号",
        "vin vehicle_identification chassis_no frame_no",
        "cheliangshibie chejiahao",
        "CLSBDH CLSBDM CJH VIN",
    ),
    row(
        of(Identifier::Imei),
        "设备识别码 串号",
        "imei device_id",
        "shebeishibiema chuanhao",
        "IMEI SBSBM",
    ),
    row(
        of(Identifier::Postcode),
        "邮政编码 邮编",
        "postcode zip zip_code postal_code zipcode",
        "youzhengbianma youbian",
        "YZBM YB",
    ),
    row(
        of(Identifier::Email),
        "邮箱 电子邮件 邮件地址",
        "email e_mail mail_address",
        "youxiang dianziyoujian",
        "DZYX DZYJ YX",
    ),
    row(
        of(Identifier::Ip),
        "ip地址",
        "ip ip_address ip_addr client_ip",
        "ipdizhi",
        "IPDZ",
    ),
    row(
        of(Identifier::Mac),
        "mac地址 物理地址",
        "mac mac_address mac_addr",
        "macdizhi wulidizhi",
        "MACDZ",
    ),
    row(
        of(Identifier::Gps),
        "经纬度 坐标",
        "gps coordinates lat_lon lat_lng latlng location_point",
        "jingweidu zuobiao",
        "JWD ZB",
    ),
    row(
        Semantic::Coordinate,
        "经度 纬度",
        "longitude latitude lng lat lon",
        "jingdu weidu",
        "JD WD",
    ),
    row(
        Semantic::OrganisationName,
        "企业名称 单位名称 公司名称 机构名称 工作单位 法人名称",
        "company company_name organization_name organisation_name enterprise_name employer",
        "qiyemingcheng danweimingcheng gongsimingcheng jigoumingcheng gongzuodanwei",
        "QYMC DWMC GSMC JGMC GZDW",
    ),
    row(
        Semantic::PersonName,
        "姓名 名字 联系人 法定代表人 经办人 申请人 户主",
        "name full_name person_name patient_name customer_name contact_name surname given_name first_name last_name",
        "xingming mingzi lianxiren fadingdaibiaoren",
        "XM LXR FDDBR JBR",
    ),
    row(
        Semantic::BirthDate,
        "出生日期 生日 出生年月",
        "birth_date birthday date_of_birth dob birthdate",
        "chushengriqi shengri chushengnianyue",
        "CSRQ CSNY",
    ),
    row(Semantic::Sex, "性别", "sex gender", "xingbie", "XB XBDM"),
    row(
        Semantic::Nation,
        "民族",
        "nation ethnicity ethnic_group nationality_cn",
        "minzu",
        "MZ MZDM",
    ),
    row(
        Semantic::Address,
        "住址 地址 户籍地 居住地",
        "address addr residence street_address",
        "zhuzhi dizhi huji",
        "DZ ZZ JTZZ HJDZ XXDZ TXDZ LXDZ",
    ),
    row(
        Semantic::Region,
        "行政区划 区划代码 地州 县市 省份 城市",
        "region region_code county_code area_code prefecture county city province district",
        "xingzhengquhua quhuadaima",
        "XZQH XZQHDM QHDM",
    ),
    row(Semantic::Age, "年龄", "age", "nianling", "NL"),
    row(
        Semantic::Amount,
        "金额 费用 价款 工资 收入 余额 总价",
        "amount fee price salary income balance cost total_amount payment",
        "jine feiyong gongzi shouru yue",
        "JE ZJE FY GZ",
    ),
    row(
        Semantic::Health,
        "诊断 疾病 病情 病种 血型",
        "diagnosis disease icd blood_type illness",
        "zhenduan jibing bingzhong",
        "ZD ZDMC JBMC JBBM",
    ),
    row(
        Semantic::Time,
        "时间 时刻",
        "created_at updated_at time timestamp datetime create_time update_time",
        "shijian",
        "SJ_ CJSJ GXSJ DJSJ",
    ),
    row(Semantic::Date, "日期", "date", "riqi", "RQ SQRQ BLRQ"),
    row(
        Semantic::Code,
        "订单号 编号 流水号 案卷号 案号 单号 序列号 卡号",
        "order_no order_id card_no card_number serial_no case_no transaction_id trade_no record_id",
        "dingdanhao bianhao liushuihao anjuanhao",
        "DDH BH LSH AJH KH",
    ),
    row(
        Semantic::Category,
        "状态 类型 类别 等级",
        "status type category level grade",
        "zhuangtai leixing leibie",
        "ZT LX LB",
    ),
    row(
        Semantic::FreeText,
        "备注 说明 描述 意见",
        "remark remarks note notes comment description",
        "beizhu shuoming miaoshu",
        "BZ SM",
    ),
    row(
        Semantic::Quantity,
        "数量 次数 人数 天数",
        "quantity count visits number_of qty",
        "shuliang cishu renshu",
        "SL CS RS",
    ),
    row(
        Semantic::Truth,
        "是否",
        "is_active flag",
        "shifou",
        "SF_ BZW",
    ),
];

/// Who a person is in a table; their initials stand before those of the value: `HZXM` is 患者姓名.
const ROLES: [&str; 15] = [
    "HZ", "CZ", "SQR", "LXR", "JHR", "FR", "FDDBR", "DSR", "BBXR", "CBR", "JBR", "HZHU", "XS",
    "YG", "BR",
];

/// The shortest pinyin that is looked for inside longer names.
const PINYIN_LETTERS_MIN: usize = 5;

/// What a column's name and its comment say; nothing where the dictionary has none of their words.
pub(super) fn matched(name: &str, comment: Option<&str>) -> Option<NameMatch> {
    let texts = [Some(name), comment];
    let of_form = |form| texts.iter().flatten().find_map(|text| longest(text, form));
    [
        NameForm::Chinese,
        NameForm::English,
        NameForm::Pinyin,
        NameForm::Initials,
    ]
    .into_iter()
    .find_map(|form| {
        Some(NameMatch {
            semantic: of_form(form)?,
            form,
        })
    })
}

/// The semantic of the longest word of the dictionary that the text has in this form.
fn longest(text: &str, form: NameForm) -> Option<Semantic> {
    let words = words_of(text);
    let found = DICTIONARY.iter().flat_map(|row| {
        let entries = match form {
            NameForm::Chinese => row.chinese,
            NameForm::English => row.english,
            NameForm::Pinyin => row.pinyin,
            NameForm::Initials => row.initials,
        };
        entries.split(' ').map(move |entry| (entry, row.semantic))
    });
    let fitting = found.filter(|(entry, _)| fits(text, &words, entry, form));
    // Of equally long words the first row's counts.
    let longest = fitting.reduce(|best, next| {
        if next.0.len() > best.0.len() {
            next
        } else {
            best
        }
    });
    longest.map(|(_, semantic)| semantic)
}

fn fits(text: &str, words: &[String], entry: &str, form: NameForm) -> bool {
    match form {
        NameForm::Chinese => text.to_lowercase().contains(entry),
        NameForm::English => has_words(words, entry),
        NameForm::Pinyin => words.iter().any(|word| {
            word == entry || (entry.len() >= PINYIN_LETTERS_MIN && word.contains(entry))
        }),
        NameForm::Initials => words.iter().any(|word| is_initials(word, entry)),
    }
}

/// Whether the words of an entry stand in a name, one behind the other; written together, only as the whole name.
fn has_words(words: &[String], entry: &str) -> bool {
    let wanted: Vec<&str> = entry.split('_').collect();
    let in_a_row = words.windows(wanted.len()).any(|window| {
        window
            .iter()
            .zip(&wanted)
            .all(|(word, wanted)| word == wanted)
    });
    let joined = wanted.concat();
    in_a_row || (joined.len() >= PINYIN_LETTERS_MIN && words.concat() == joined)
}

/// Whether a word is these initials, a role before them or not.
fn is_initials(word: &str, entry: &str) -> bool {
    let entry = entry.to_ascii_lowercase();
    let role = |before: &str| ROLES.iter().any(|role| role.eq_ignore_ascii_case(before));
    word == entry || word.strip_suffix(entry.as_str()).is_some_and(role)
}

/// The words of a name in lower case: cut at anything but letters and digits, before a capital behind a small letter,
/// and before the digits at the end.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in name.chars() {
        let cut = !character.is_alphanumeric()
            || (character.is_uppercase() && before.is_lowercase())
            || (character.is_ascii_digit() && !before.is_ascii_digit());
        if cut {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_they_say() {
        let check = |name: &str, expect: &str| {
            let found = matched(name, None).map_or("nothing", |found| found.semantic.id());
            assert_eq!(found, expect, "{name}");
        };
        for name in [
            "resident_id",
            "身份证号",
            "SFZH",
            "GMSFHM",
            "patientIdCard",
            "shenfenzhenghao",
            "b_sfzh",
            "sfzh2",
        ] {
            check(name, "resident-id");
        }
        for name in [
            "XM",
            "hz_xm",
            "HZXM",
            "姓名",
            "患者姓名",
            "xingming",
            "fullName",
            "name",
        ] {
            check(name, "person-name");
        }
        for name in ["LXDH", "SJH", "mobile", "手机号码", "PHONE1"] {
            check(name, "mobile");
        }
        check("TYSHXYDM", "credit-code");
        check("CSRQ", "birth-date");
        check("XB", "sex");
        check("MZ", "nation");
        check("DZ", "address");
        check("CPH", "plate");
        check("YHKH", "bank-card");
        check("固定电话", "landline");
        check("IP地址", "ip");
        check("纳税人识别号", "tax-number");
        check("company_name", "organisation-name");
        check("经纬度", "gps");
        check("经度", "coordinate");
        for name in ["c1", "column", "", "_", "renamed", "manage", "zipped"] {
            check(name, "nothing");
        }
    }

    #[test]
    fn a_comment_says_what_a_name_does_not() {
        let found = matched("c7", Some("公民身份号码")).unwrap();
        assert_eq!(found.semantic.id(), "resident-id");
        assert_eq!(found.form, NameForm::Chinese);
    }
}
