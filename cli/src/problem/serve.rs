//! Why the service did not start, or not stop as it should.

use enclave::service::{ServeError, StartError};

use super::Problem;
use crate::language::Text;

impl From<ServeError> for Problem {
    fn from(error: ServeError) -> Self {
        let zh = match &error {
            ServeError::Listen(error) => listen(error),
            ServeError::Open(error) => format!("服务状态无法打开：{error}"),
            ServeError::Stop(failure) => {
                format!(
                    "最后一个检查点未能写入：{}；重新启动服务即可补写",
                    failure.localized
                )
            }
            ServeError::Thread => "服务的一个线程自行结束".to_owned(),
        };
        Self::refused(Text {
            en: error.to_string(),
            zh,
        })
    }
}

fn listen(error: &StartError) -> String {
    match error {
        StartError::InUse { address } => format!(
            "{address} 已被其他进程占用；请停止该进程，或用 --listen、KAREZ_LISTEN 或 karez.toml 的 `listen` 另选地址"
        ),
        StartError::Listen { address, source } => format!("无法监听 {address}：{source}"),
        StartError::DevelopmentCa { path } => format!(
            "{} 是开发用证书机构：在自己的机器上请加 --dev，否则请安装正式机构的证书",
            path.display()
        ),
        StartError::Read { path, source } => format!("无法读取 {}：{source}", path.display()),
        StartError::NotACertificate { path } => format!("{} 不是 PEM 格式的证书", path.display()),
        StartError::NotValidNow { path, .. } => format!("{} 目前无效；请更换", path.display()),
        other => other.to_string(),
    }
}
