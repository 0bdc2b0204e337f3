//! The frequent surnames: together nine in ten people with a Han name bear one of them.

/// Surnames of one character, by their reading; the most frequent of the yearly name statistics are all among them.
const SURNAMES: &str = "丁万严乔于任伍何余侯倪傅冯冉刘卜卢古史叶吕吴周唐喻夏夏姚姜姬孔孙孟季孙安宋尹尤岑岳崔左常康庄廖张彭徐成戚戴执揭方施易景曹曾朱李杜杨林柏柯柳柴梁梅梦樊欧武段殷毕毛江汤汪沈沙洪涂温游湛滕潘焦熊牛牟牛王甄田申白盛石秦程窦章童符简管米纪纵练罗翁翟耿聂胡自舒艾芦苏苗范茅荆莫葛董蒋蒙蓝蔡薛虞蒲袁裴覃解许詹谢谈谭贝贺贾赖赵路车辛辜连郁郎郑郝郭鄢金钟钱陆陈陶雷霍韦韩项顾饶马骆高魏鲁鲍鲜麦黄黎齐龙龚邓邱邵邹阎";

/// Whether a surname is a frequent one, or one of two characters.
pub(super) fn is_common_surname(surname: &str) -> bool {
    surname.chars().count() == 2
        || surname
            .chars()
            .all(|character| SURNAMES.contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_are_there() {
        for surname in
            "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾田董".chars()
        {
            assert!(is_common_surname(&surname.to_string()), "{surname}");
        }
        for word in ["未", "不", "待", "已", "无", "申"] {
            assert_eq!(is_common_surname(word), word == "申", "{word}");
        }
        assert!(is_common_surname("欧阳"));
    }
}
