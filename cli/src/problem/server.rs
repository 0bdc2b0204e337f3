//! What a server, or the lack of one, answered.

use enclave::client::{ClientError, Failure};
use tonic::{Code, Status};

use super::Problem;
use crate::exit::Exit;
use crate::language::Text;

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        ClientError::from(status).into()
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Failed(failure) => answered(*failure),
            other => {
                let text = Text {
                    en: other.to_string(),
                    zh: chinese(&other),
                };
                match is_local(&other) {
                    true => Self::refused(text),
                    false => Self::no_server(text),
                }
            }
        }
    }
}

/// Whether the fault lies in a file of this machine and not in reaching the server.
const fn is_local(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Identity { .. } | ClientError::NotACertificate { .. }
    )
}

fn answered(failure: Failure) -> Problem {
    let exit = match failure.code {
        Code::Unauthenticated => Exit::NoServer,
        Code::Unavailable if failure.reason.is_none() => Exit::NoServer,
        _ => Exit::Refused,
    };
    let mut text = Text {
        en: failure.to_string(),
        zh: failure
            .localized_message
            .unwrap_or_else(|| failure.message.clone()),
    };
    // What the message says already is not said twice.
    let further = failure.violations.iter().filter(|one| {
        one.split_once(": ")
            .is_none_or(|(_, what)| !failure.message.contains(what))
    });
    for violation in further {
        text.en.push_str(&format!("\n  {violation}"));
        text.zh.push_str(&format!("\n  {violation}"));
    }
    if let Some(wait) = failure.retry_after {
        let seconds = wait.as_secs_f64();
        text.en.push_str(&format!(
            "\n  try again after {seconds:.1} s, with the same request id"
        ));
        text.zh
            .push_str(&format!("\n  请在 {seconds:.1} 秒后以同一请求编号重试"));
    }
    let mut problem = Problem::new(exit, text);
    problem.reason = failure.reason;
    problem.metadata = failure.metadata.into_iter().collect();
    problem
}

fn chinese(error: &ClientError) -> String {
    match error {
        ClientError::Identity { path, source } => {
            format!(
                "无法读取 {}：{source}；签发身份请用：karez cert issue",
                path.display()
            )
        }
        ClientError::NotACertificate { path } => format!("{} 不是 PEM 格式的证书", path.display()),
        ClientError::Expired { path } => {
            format!(
                "证书 {} 今日无效；请重新签发：karez cert issue",
                path.display()
            )
        }
        ClientError::Unusable { path, detail } => {
            format!("{} 中的身份无法使用：{detail}", path.display())
        }
        ClientError::Url { server } => format!("`{server}` 不是服务地址：应为 https://主机:端口"),
        ClientError::NoServer { server, detail } => {
            format!("{server} 没有服务应答：{detail}；启动服务请用：karez serve")
        }
        ClientError::OtherAuthority { server } => {
            format!("{server} 的服务与该身份不属于同一证书机构：请使用该服务所属主目录的身份")
        }
        ClientError::ServerCertificate { server, detail } => {
            format!("{server} 的服务端证书不可信：{detail}")
        }
        ClientError::Refused { server, detail } => format!("{server} 的服务不接受此证书：{detail}"),
        ClientError::Broken { server, detail } => format!("与 {server} 的连接中断：{detail}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    //! Which answers mean "not reached" and which mean "refused".
    use super::*;

    fn check(error: impl Into<Problem>, exit: Exit) {
        let problem: Problem = error.into();
        assert_eq!(problem.exit(), exit, "{problem:?}");
    }

    #[test]
    fn exit_codes_of_answers() {
        check(Status::unauthenticated("no certificate"), Exit::NoServer);
        check(Status::unavailable("connection reset"), Exit::NoServer);
        check(Status::permission_denied("not yours"), Exit::Refused);
        check(Status::not_found("no such thing"), Exit::Refused);
        check(Status::internal("our fault"), Exit::Refused);
        check(
            ClientError::NoServer {
                server: "https://127.0.0.1:1".into(),
                detail: String::new(),
            },
            Exit::NoServer,
        );
        check(
            ClientError::NotACertificate { path: "x".into() },
            Exit::Refused,
        );
    }
}
