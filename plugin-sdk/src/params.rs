//! Looking up names in lists of names and values: headers, queries, forms.

use crate::host::types::Param;

/// The first value of a name. Names of headers are in lower case.
pub(crate) fn first<'p>(params: &'p [Param], name: &str) -> Option<&'p str> {
    value(params.iter(), name)
}

/// The last value of a name.
pub(crate) fn last<'p>(params: &'p [Param], name: &str) -> Option<&'p str> {
    value(params.iter().rev(), name)
}

fn value<'p>(mut params: impl Iterator<Item = &'p Param>, name: &str) -> Option<&'p str> {
    let found = params.find(|param| param.name == name)?;
    Some(&found.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_of_a_name() {
        let param = |name: &str, value: &str| Param {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let params = [param("a", "1"), param("b", "2"), param("a", "3")];
        assert_eq!((first(&params, "a"), last(&params, "a")), (Some("1"), Some("3")));
        assert_eq!((first(&params, "A"), last(&params, "c")), (None, None));
    }
}
