//! Percentiles and medians.

use crate::load::report::Latency;

/// The value below which the share `of` of sorted `values` lies; 0 where there are none.
pub fn percentile(sorted: &[u32], of: f64) -> u32 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * of) as usize).copied().unwrap_or(0)
}

/// Sorts and sums up.
pub fn latency(values: &mut [u32]) -> Latency {
    values.sort_unstable();
    Latency {
        count: values.len() as u64,
        p50: percentile(values, 0.5),
        p99: percentile(values, 0.99),
        longest: values.last().copied().unwrap_or(0),
    }
}

/// The middle value, or the mean of the two middle ones; NaN where there are none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_one_to_hundred() {
        let mut values: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(
            latency(&mut values),
            Latency {
                count: 100,
                p50: 50,
                p99: 99,
                longest: 100
            }
        );
        assert_eq!(latency(&mut []), Latency::default());
        assert_eq!(percentile(&[7], 0.99), 7);
    }

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }
}
