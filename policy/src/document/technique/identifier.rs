//! The identifiers that a mask, a token or an encryption can be told of.

use crate::words::words;

words! {
    /// An identifier whose form is known; the word is the same in reports.
    Identifier {
        /// 居民身份证 (GB 11643-1999).
        ResidentId = "resident-id",
        /// 统一社会信用代码 (GB 32100-2015).
        CreditCode = "credit-code",
        /// 组织机构代码 (GB 11714-1997).
        OrganisationCode = "organisation-code",
        /// 纳税人识别号.
        TaxNumber = "tax-number",
        /// 银行卡号.
        BankCard = "bank-card",
        /// 手机号码.
        Mobile = "mobile",
        /// 固定电话.
        Landline = "landline",
        /// 机动车号牌 (GA 36).
        Plate = "plate",
        /// 护照.
        Passport = "passport",
        /// 港澳居民来往内地通行证.
        HongKongMacaoPermit = "hk-macao-permit",
        /// 台湾居民来往大陆通行证.
        TaiwanPermit = "taiwan-permit",
        /// 车辆识别代号 (GB 16735).
        Vin = "vin",
        /// 国际移动设备识别码.
        Imei = "imei",
        /// 邮政编码.
        Postcode = "postcode",
        /// 电子邮件地址.
        Email = "email",
        /// An address of the Internet protocol.
        Ip = "ip",
        /// A hardware address.
        Mac = "mac",
        /// A pair of coordinates.
        Gps = "gps",
    }
}
