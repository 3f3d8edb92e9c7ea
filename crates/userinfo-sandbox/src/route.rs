//! Which server, vendor and operation a path belongs to.

use crate::{Operation, Vendor};

/// What a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) operation: Operation,
    /// The path below the mount.
    pub(crate) path: &'a str,
    /// Whether the server documents exactly this path.
    pub(crate) known: bool,
}

/// A server of a vendor. Tianyin has two: tokens come from a CAS server, apart from the API.
struct Server {
    vendor: Vendor,
    mount: &'static str,
    paths: &'static [(&'static str, Operation)],
    /// What a path counts as that the server does not document.
    otherwise: Operation,
}

const SERVERS: [Server; 5] = [
    Server {
        vendor: Vendor::Quectel,
        mount: Vendor::Quectel.mount(),
        paths: &[(Vendor::Quectel.path(), Operation::User), (Vendor::Quectel.token_path(), Operation::Login)],
        otherwise: Operation::User,
    },
    Server {
        vendor: Vendor::AlipayPlus,
        mount: Vendor::AlipayPlus.mount(),
        // Wallets spell the look-up in five ways.
        paths: &[
            (Vendor::AlipayPlus.path(), Operation::User),
            ("/v1/customers/user/inquiryUserInfoByAccessToken.htm", Operation::User),
            ("/v1/customers/user/inquiryUserInfoByAccessToken", Operation::User),
            ("/v2/customers/user/inquiryUserInfo", Operation::User),
            ("/v1/users/inquiryUserInfo", Operation::User),
            (Vendor::AlipayPlus.token_path(), Operation::ApplyToken),
            ("/v1/authorizations/applyToken", Operation::ApplyToken),
            ("/v1/authorizations/cancelToken", Operation::CancelToken),
        ],
        otherwise: Operation::User,
    },
    Server {
        vendor: Vendor::AnqiCms,
        mount: Vendor::AnqiCms.mount(),
        paths: &[
            (Vendor::AnqiCms.path(), Operation::User),
            (Vendor::AnqiCms.token_path(), Operation::Login),
            ("/api/captcha", Operation::Captcha),
        ],
        otherwise: Operation::User,
    },
    Server {
        vendor: Vendor::Tianyin,
        mount: Vendor::Tianyin.mount(),
        paths: &[(Vendor::Tianyin.path(), Operation::User)],
        otherwise: Operation::User,
    },
    Server {
        vendor: Vendor::Tianyin,
        mount: Vendor::Tianyin.token_mount(),
        paths: &[(Vendor::Tianyin.token_path(), Operation::Login)],
        otherwise: Operation::Login,
    },
];

impl<'a> Route<'a> {
    /// The server below whose mount the path lies, else the one that documents exactly this path.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let mounted = SERVERS.iter().find_map(|it| {
            let rest = path.strip_prefix(it.mount)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| it.route(rest))
        });
        mounted.or_else(|| SERVERS.iter().map(|it| it.route(path)).find(|it| it.known))
    }

    /// The paths below which the servers answer.
    pub(crate) fn mounts() -> Vec<&'static str> {
        SERVERS.iter().map(|it| it.mount).collect()
    }
}

impl Server {
    fn route<'a>(&self, path: &'a str) -> Route<'a> {
        let operation = self.paths.iter().find(|(it, _)| *it == path).map(|(_, operation)| *operation);
        Route {
            vendor: self.vendor,
            operation: operation.unwrap_or(self.otherwise),
            path,
            known: operation.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tianyins_two_servers_are_kept_apart() {
        let api = Route::of("/tianyin/user/info").unwrap();
        assert_eq!((api.vendor, api.operation, api.known), (Vendor::Tianyin, Operation::User, true));
        let cas = Route::of("/tianyin-cas/oauth2.0/accessToken").unwrap();
        assert_eq!((cas.vendor, cas.operation, cas.known), (Vendor::Tianyin, Operation::Login, true));
        assert!(!Route::of("/tianyin/oauth2.0/accessToken").unwrap().known);
        assert!(!Route::of("/tianyin-cas/user/info").unwrap().known);
        assert_eq!(Route::of("/oauth2.0/accessToken").unwrap().operation, Operation::Login);
        assert_eq!(Route::of("/tianyin-case"), None);
    }
}
