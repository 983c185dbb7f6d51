//! Who is asking: `md5(secret + time)` is the app, `md5(token + time)` a user. The host checks both; neither the secret
//! nor a token is ever seen here.

use switchboard_plugin::host::proofs::{self, Proof};
use switchboard_plugin::host::types::{Algorithm, Part, Recipe};

use crate::fault::{Fault, unproven};
use crate::params::Params;

/// A signature and the time it is made of, which is signed as it was written.
struct Signed {
    sign: String,
    time: String,
    seconds: i64,
}

impl Signed {
    fn of(params: &Params) -> Result<Self, Fault> {
        let sign = params.required("sign")?.to_ascii_lowercase();
        let time = params.required("time")?;
        let seconds = time.parse().map_err(|_| Fault::new("time必须是数字"))?;
        Ok(Self { sign, time, seconds })
    }

    fn recipe(&self, key: Part) -> Recipe {
        Recipe {
            algorithm: Algorithm::Md5,
            parts: vec![key, Part::Text(self.time.clone())],
        }
    }
}

/// That the app itself is asking.
pub fn of_app(params: &Params) -> Result<Proof, Fault> {
    if params.has("secret") {
        return Err(Fault::new("不要传secret参数"));
    }
    let signed = Signed::of(params)?;
    proofs::by_signature(&signed.recipe(Part::Secret), &signed.sign, Some(signed.seconds)).map_err(unproven)
}

/// That a user is asking, and which.
pub fn of_user(params: &Params) -> Result<(String, Proof), Fault> {
    if params.has("secret") {
        return Err(Fault::new("不要传secret参数"));
    }
    let uid = params.uid("uid")?;
    let signed = Signed::of(params)?;
    let recipe = signed.recipe(Part::Token(uid.clone()));
    let proof = proofs::by_user_signature(&uid, &recipe, &signed.sign, Some(signed.seconds)).map_err(unproven)?;
    Ok((uid, proof))
}
