//! Sections that are mostly numbers: one line a key with its default and its range, so that neither can be forgotten.

/// Defines `Raw`, the section as it is written, with a method `numbers` that checks the ranges and makes the checked
/// struct. Keys after `also` are passed on as they are.
macro_rules! numbers {
    (
        $section:literal => $checked:ident {
            $($key:ident = $default:expr, $range:expr;)*
        }
        $(also { $($other:ident: $kind:ty = $value:expr;)* })?
    ) => {
        /// The section as it is written.
        #[derive(Debug, Clone, serde::Deserialize)]
        #[cfg_attr(test, derive(serde::Serialize))]
        #[serde(deny_unknown_fields, default)]
        pub struct Raw {
            $($key: i64,)*
            $($($other: $kind,)*)?
        }

        impl Default for Raw {
            fn default() -> Self {
                Self {
                    $($key: $default,)*
                    $($($other: $value,)*)?
                }
            }
        }

        impl Raw {
            fn numbers(self, problems: &mut crate::config::problems::Problems) -> $checked {
                $checked {
                    $($key: problems.number(concat!($section, ".", stringify!($key)), self.$key, $range),)*
                    $($($other: self.$other,)*)?
                }
            }
        }

        /// Each number's key, least and greatest value.
        #[cfg(test)]
        pub const RANGES: &[(&str, i64, i64)] =
            &[$((concat!($section, ".", stringify!($key)), *$range.start(), *$range.end()),)*];
    };
}

pub(super) use numbers;
