//! The paths that patterns name, as one tree: whatever no branch leads to is never read.

/// A place in the tree.
#[derive(Clone, Debug, Default)]
pub struct Branch {
    /// The next steps.
    pub edges: Vec<Edge>,
    /// The leaves whose path ends here.
    pub leaves: Vec<u32>,
    /// Every name under which an object may hold something of interest: `a.b` is the same as `b` inside `a`.
    pub keys: Vec<Key>,
}

/// A step to another branch.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The name, without a dot.
    pub name: Box<str>,
    /// The branch it leads to.
    pub to: u32,
}

/// A name to look up in an object.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its number among all keys of the tree.
    pub id: u32,
    /// The branch it leads to.
    pub to: u32,
    /// Whether this is the one name by which the branch is reached, its others being looked up before.
    pub is_last: bool,
}

/// The tree of paths. Branch 0 is the event itself.
#[derive(Clone, Debug)]
pub struct Paths {
    /// All branches.
    pub branches: Vec<Branch>,
    /// The texts of all keys.
    pub keys: Vec<Box<str>>,
}

impl Default for Paths {
    fn default() -> Self {
        Self { branches: vec![Branch::default()], keys: Vec::new() }
    }
}

/// Names that GetRecords spells in another way than Lambda: inside what, as what, Lambda's.
const OTHER_SPELLINGS: [(&str, &str, &str); 2] =
    [("userIdentity", "PrincipalId", "principalId"), ("userIdentity", "Type", "type")];

impl Branch {
    /// The branch behind a name without a dot.
    #[inline]
    pub fn next(&self, name: &[u8]) -> Option<u32> {
        self.edges.iter().find(|edge| edge.name.as_bytes() == name).map(|edge| edge.to)
    }
}

impl Paths {
    /// The branch at a place.
    #[inline]
    pub fn branch(&self, at: u32) -> Option<&Branch> {
        self.branches.get(at as usize)
    }

    /// The branch behind a name of an object, which may have dots.
    #[inline]
    pub fn behind(&self, at: u32, name: &[u8]) -> Option<u32> {
        let branch = self.branch(at)?;
        match branch.next(name) {
            None if name.contains(&b'.') => {
                name.split(|&byte| byte == b'.').try_fold(at, |at, step| self.branch(at)?.next(step))
            }
            found => found,
        }
    }

    /// Adds a leaf at a path.
    pub fn add(&mut self, path: &str, leaf: u32) {
        let mut at = 0;
        for step in path.split('.') {
            at = self.step(at, step);
        }
        if let Some(branch) = self.branches.get_mut(at as usize) {
            branch.leaves.push(leaf);
        }
    }

    fn step(&mut self, at: u32, name: &str) -> u32 {
        if let Some(to) = self.branch(at).and_then(|branch| branch.next(name.as_bytes())) {
            return to;
        }
        let to = u32::try_from(self.branches.len()).unwrap_or(u32::MAX);
        self.branches.push(Branch::default());
        self.link(at, name, to);
        to
    }

    fn link(&mut self, at: u32, name: &str, to: u32) {
        if let Some(branch) = self.branches.get_mut(at as usize) {
            branch.edges.push(Edge { name: name.into(), to });
        }
    }

    /// Makes what reading needs, after the last leaf was added.
    pub fn finish(&mut self) {
        let direct: Vec<Vec<Edge>> = self.branches.iter().map(|branch| branch.edges.clone()).collect();
        for (parent, other, name) in OTHER_SPELLINGS {
            let inside = self.branch(0).and_then(|root| root.next(parent.as_bytes()));
            if let Some(inside) = inside
                && let Some(to) = self.branch(inside).and_then(|branch| branch.next(name.as_bytes()))
                && self.branch(inside).and_then(|branch| branch.next(other.as_bytes())).is_none()
            {
                self.link(inside, other, to);
            }
        }
        for at in 0..self.branches.len() {
            let found = self.names_from(at, &direct);
            let keys = found.into_iter().map(|(name, to, is_last)| {
                self.keys.push(name.into());
                Key { id: u32::try_from(self.keys.len() - 1).unwrap_or(u32::MAX), to, is_last }
            });
            let keys = keys.collect();
            if let Some(branch) = self.branches.get_mut(at) {
                branch.keys = keys;
            }
        }
    }

    /// Names with dots and other spellings first, so that with its own name each branch is done.
    fn names_from(&self, at: usize, direct: &[Vec<Edge>]) -> Vec<(String, u32, bool)> {
        let mut names = Vec::new();
        let Some(branch) = self.branches.get(at) else {
            return names;
        };
        let own = direct.get(at).map_or(&[][..], Vec::as_slice);
        for edge in &branch.edges {
            let is_own = own.iter().any(|own| own.name == edge.name);
            if !is_own {
                names.push((edge.name.to_string(), edge.to, false));
            }
            self.dotted(edge.to, &edge.name, &mut names);
        }
        names.extend(own.iter().map(|edge| (edge.name.to_string(), edge.to, true)));
        names
    }

    fn dotted(&self, at: u32, before: &str, names: &mut Vec<(String, u32, bool)>) {
        for edge in self.branch(at).map_or(&[][..], |branch| &branch.edges) {
            let name = format!("{before}.{}", edge.name);
            self.dotted(edge.to, &name, names);
            names.push((name, edge.to, false));
        }
    }
}
