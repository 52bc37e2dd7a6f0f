//! Did-you-mean: the nearest of a list of names.

/// The candidate nearest to `name`, if one is near enough to be a likely slip.
///
/// Near means: an edit distance (insert, delete, replace, swap of neighbours) of at most a third of the longer name, and never more than three;
/// case, `-` and `_` count nothing.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = fold(name);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = fold(candidate);
            let limit = (wanted.len().max(other.len()) / 3).clamp(1, 3);
            if wanted.len().abs_diff(other.len()) > limit {
                return None;
            }
            let distance = distance(&wanted, &other);
            (distance <= limit).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> Vec<char> {
    name.chars().filter(|c| *c != '-' && *c != '_').flat_map(char::to_lowercase).take(64).collect()
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn the_nearest_likely_slip_is_named() {
        let names = ["invite_to_organization", "list_members", "when", "calls"];
        assert_eq!(did_you_mean("invite_to_organisation", names), Some("invite_to_organization"));
        assert_eq!(did_you_mean("inviteToOrganization", names), Some("invite_to_organization"));
        assert_eq!(did_you_mean("clals", names), Some("calls"));
        assert_eq!(did_you_mean("something", names), None);
    }
}
