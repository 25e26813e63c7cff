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
    /// Whether this is inside an image or the keys of a record.
    pub level: Level,
    /// Whether each branch is reached by one name only.
    pub is_plain: bool,
    is_walked: bool,
    /// The leaves that ask whether an object stands here: a value, whatever its type, or the map that it is.
    pub attributes: Vec<u32>,
    /// The leaves that ask whether a list stands here.
    pub lists: Vec<u32>,
    /// What a scalar here is.
    pub reads: Reads,
}

/// What the objects at a branch are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Any object.
    #[default]
    Other,
    /// Attribute names and values: an image, or what M holds.
    Map,
    /// An attribute value: its members are type tags.
    Value,
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// What it looks like.
    #[default]
    Plain,
    /// Text that holds a number: N, or a member of NS.
    Digits,
    /// true that stands for null.
    Null,
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
    /// The root of the paths that leave type tags out, until they are put to the others.
    loose: Option<u32>,
}

impl Default for Paths {
    fn default() -> Self {
        Self { branches: vec![Branch::default()], keys: Vec::new(), loose: None }
    }
}

/// Names that GetRecords spells in another way than Lambda: inside what, as what, Lambda's.
const OTHER_SPELLINGS: [(&str, &str, &str); 2] =
    [("userIdentity", "PrincipalId", "principalId"), ("userIdentity", "Type", "type")];

/// A name as Lambda spells it.
pub fn lambda_spelling(inside: &str, name: String) -> String {
    let spelling = OTHER_SPELLINGS.iter().find(|(parent, other, _)| *parent == inside && *other == name);
    spelling.map_or(name, |(_, _, lambda)| (*lambda).to_owned())
}

/// What holds the parts of a record, and what holds images: inside what, its names. These are never spelled with dots.
const FRAME: [(&str, &[&str]); 2] = [("", &["dynamodb", "userIdentity"]), ("dynamodb", IMAGES)];

/// The parts of a record that hold attribute values.
pub const IMAGES: &[&str] = &["Keys", "NewImage", "OldImage"];

/// The type tags of attribute values.
pub const TAGS: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"];

impl Branch {
    /// Whether its members are few and any of many names: they are walked through rather than looked up.
    pub fn is_walked(&self) -> bool {
        self.is_walked
    }

    /// The place of a name without a dot among the edges.
    #[inline]
    pub fn edge(&self, name: &[u8]) -> Option<usize> {
        self.edges.iter().position(|edge| edge.name.as_bytes() == name)
    }

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
            None if !branch.is_plain && name.contains(&b'.') => self.behind_dots(branch, name),
            found => found,
        }
    }

    #[cold]
    fn behind_dots(&self, branch: &Branch, name: &[u8]) -> Option<u32> {
        let mut keys = branch.keys.iter();
        keys.find(|key| self.keys.get(key.id as usize).is_some_and(|text| text.as_bytes() == name)).map(|key| key.to)
    }

    /// Adds a leaf at a path that is what events have: names, type tags among them.
    pub fn add(&mut self, path: &str, leaf: u32) {
        let at = path.split('.').fold(0, |at, name| self.step(at, name));
        self.put(at, leaf);
    }

    /// The same for the dialect that reads N as a number: what a scalar is, is told by its tag.
    pub fn add_tagged(&mut self, path: &str, leaf: u32) {
        let Some((before, tag)) = path.rsplit_once('.') else { return self.add(path, leaf) };
        let at = before.split('.').fold(0, |at, name| self.step(at, name));
        let at = self.scalar(at, tag);
        self.put(at, leaf);
    }

    /// Adds a leaf at a path inside an image that leaves type tags out: there lists are looked into, however deep. Such
    /// paths have a tree of their own until all are there, as values inside lists are none of other leaves.
    pub fn add_loose(&mut self, path: &str, leaf: u32) {
        match self.loosely(path) {
            (_, Some(value)) => self.attribute(value, leaf),
            (at, None) => self.put(at, leaf),
        }
    }

    /// The same for a path that ends with M or L, and a leaf that asks only whether one is there.
    pub fn add_container(&mut self, path: &str, leaf: u32) {
        let (_, Some(value)) = self.loosely(path) else { return };
        let is_map = path.rsplit('.').next() == Some("M");
        let at = if is_map { self.step(value, "M") } else { value };
        if let Some(branch) = self.branches.get_mut(at as usize) {
            if is_map { branch.attributes.push(leaf) } else { branch.lists.push(leaf) }
        }
    }

    /// Where a path leads that leaves types out, and the value at its end if it is of any type.
    fn loosely(&mut self, path: &str) -> (u32, Option<u32>) {
        let (mut at, mut level) = (self.loose_root(), Level::Other);
        let mut value = None;
        for (index, name) in path.split('.').enumerate() {
            if level == Level::Value && !TAGS.contains(&name) {
                at = self.step(at, "M");
                level = Level::Map;
            }
            (at, level) = match (level, name) {
                // The elements of a list are values like the one that the list is.
                (Level::Value, "L") => (self.through_lists(at), Level::Value),
                (Level::Value, "M") => (self.step(at, name), Level::Map),
                (Level::Value, _) => (self.scalar(at, name), Level::Other),
                (Level::Map, _) => (self.step(at, name), Level::Value),
                (Level::Other, _) => (self.step(at, name), Level::Other),
            };
            if index == 1 {
                level = Level::Map;
            }
            value = match level {
                Level::Value => Some(self.through_lists(at)),
                Level::Map => value,
                Level::Other => None,
            };
        }
        (at, value)
    }

    fn loose_root(&mut self) -> u32 {
        let next = u32::try_from(self.branches.len()).unwrap_or(u32::MAX);
        let root = *self.loose.get_or_insert(next);
        if root == next {
            self.branches.push(Branch::default());
        }
        root
    }

    /// Puts the tree of loose paths into the other one: a branch that both have asks for what either asks.
    fn graft(&mut self, to: u32, from: u32) {
        let Some(added) = self.branch(from).cloned() else { return };
        let Some(branch) = self.branches.get_mut(to as usize) else { return };
        branch.leaves.extend(added.leaves);
        branch.attributes.extend(added.attributes);
        branch.lists.extend(added.lists);
        branch.is_walked |= added.is_walked;
        if added.reads != Reads::Plain {
            branch.reads = added.reads;
        }
        for edge in added.edges {
            match self.branch(to).and_then(|branch| branch.next(edge.name.as_bytes())) {
                Some(both) => self.graft(both, edge.to),
                None => self.link(to, &edge.name, edge.to),
            }
        }
    }

    fn put(&mut self, at: u32, leaf: u32) {
        if let Some(branch) = self.branches.get_mut(at as usize) {
            branch.leaves.push(leaf);
        }
    }

    /// A value that is found through lists, too.
    fn through_lists(&mut self, at: u32) -> u32 {
        if self.branch(at).is_some_and(|branch| branch.next(b"L").is_none()) {
            self.link(at, "L", at);
            if let Some(branch) = self.branches.get_mut(at as usize) {
                branch.is_walked = true;
            }
        }
        at
    }

    fn scalar(&mut self, at: u32, tag: &str) -> u32 {
        let to = self.step(at, tag);
        if let Some(branch) = self.branches.get_mut(to as usize) {
            branch.reads = match tag {
                "N" | "NS" => Reads::Digits,
                "NULL" => Reads::Null,
                _ => Reads::Plain,
            };
        }
        to
    }

    /// A leaf that asks for a value of any type.
    fn attribute(&mut self, at: u32, leaf: u32) {
        if let Some(branch) = self.branches.get_mut(at as usize) {
            branch.attributes.push(leaf);
        }
        for tag in TAGS.iter().filter(|tag| **tag != "L" && **tag != "M") {
            let to = self.scalar(at, tag);
            self.put(to, leaf);
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
        if let Some(loose) = self.loose.take() {
            self.graft(0, loose);
            // Nothing leads to the root that was.
            self.branches.get_mut(loose as usize).map(std::mem::take);
        }
        let direct = self.link_spellings();
        self.mark_images();
        for at in 0..self.branches.len() {
            let found = self.names_from(at, &direct);
            let is_plain =
                found.iter().all(|(_, _, is_last)| *is_last) && !self.branches.get(at).is_some_and(Branch::is_walked);
            let keys = found.into_iter().map(|(name, to, is_last)| {
                self.keys.push(name.into());
                Key { id: u32::try_from(self.keys.len() - 1).unwrap_or(u32::MAX), to, is_last }
            });
            let keys = keys.collect();
            if let Some(branch) = self.branches.get_mut(at) {
                (branch.keys, branch.is_plain) = (keys, is_plain);
            }
        }
    }

    /// Links the names of GetRecords to where Lambda's lead, and returns the edges by the patterns' own names.
    fn link_spellings(&mut self) -> Vec<Vec<Edge>> {
        let parent = |paths: &Self, name: &str| paths.branch(0).and_then(|root| root.next(name.as_bytes()));
        for (inside, other, _) in OTHER_SPELLINGS {
            // Names in patterns are Lambda's.
            if let Some(at) = parent(self, inside)
                && let Some(branch) = self.branches.get_mut(at as usize)
            {
                branch.edges.retain(|edge| &*edge.name != other);
            }
        }
        let direct = self.branches.iter().map(|branch| branch.edges.clone()).collect();
        for (inside, other, name) in OTHER_SPELLINGS {
            if let Some(at) = parent(self, inside)
                && let Some(to) = self.branch(at).and_then(|branch| branch.next(name.as_bytes()))
            {
                self.link(at, other, to);
            }
        }
        direct
    }

    fn mark_images(&mut self) {
        let change = self.branch(0).and_then(|root| root.next(b"dynamodb")).and_then(|at| self.branch(at));
        let images: Vec<u32> = change
            .map_or_else(Vec::new, |change| IMAGES.iter().filter_map(|name| change.next(name.as_bytes())).collect());
        for image in images {
            self.mark(image, Level::Map);
        }
    }

    fn mark(&mut self, at: u32, level: Level) {
        let Some(branch) = self.branches.get_mut(at as usize).filter(|branch| branch.level != level) else {
            return;
        };
        branch.level = level;
        for edge in branch.edges.clone() {
            match (level, &*edge.name) {
                (Level::Map, _) | (Level::Value, "L") => self.mark(edge.to, Level::Value),
                (Level::Value, "M") => self.mark(edge.to, Level::Map),
                _ => {}
            }
        }
    }

    /// Whether a name at this branch may go on after a dot.
    fn may_have_dots(&self, at: usize, name: &str) -> bool {
        let change = self.branch(0).and_then(|root| root.next(b"dynamodb"));
        let frame = FRAME.iter().find(|(inside, _)| match *inside {
            "" => at == 0,
            _ => change.is_some_and(|change| change as usize == at),
        });
        frame.is_none_or(|(_, names)| !names.contains(&name))
    }

    /// Whether an attribute whose name has dots may lead to a branch: its value is an object with a type tag.
    fn is_attribute(&self, at: u32) -> bool {
        self.branch(at).is_some_and(|branch| branch.edges.iter().any(|edge| TAGS.contains(&&*edge.name)))
    }

    /// Names with dots and other spellings first, so that with its own name each branch is done.
    fn names_from(&self, at: usize, direct: &[Vec<Edge>]) -> Vec<(String, u32, bool)> {
        let mut names = Vec::new();
        let Some(branch) = self.branches.get(at) else {
            return names;
        };
        if branch.is_walked {
            return names;
        }
        let own = direct.get(at).map_or(&[][..], Vec::as_slice);
        for edge in &branch.edges {
            let is_own = own.iter().any(|own| own.name == edge.name);
            if !is_own {
                names.push((edge.name.to_string(), edge.to, false));
            }
            if self.may_have_dots(at, &edge.name) {
                self.dotted(edge.to, &edge.name, &mut names);
            }
        }
        match branch.level {
            Level::Other => {}
            Level::Map => names.retain(|(_, to, _)| self.is_attribute(*to)),
            Level::Value => names.clear(),
        }
        names.extend(own.iter().map(|edge| (edge.name.to_string(), edge.to, true)));
        names
    }

    fn dotted(&self, at: u32, before: &str, names: &mut Vec<(String, u32, bool)>) {
        // Where tags are left out, what stands behind the dot is a name of the map that the value is.
        let walked = self.branch(at).filter(|branch| branch.is_walked);
        let at = walked.map_or(Some(at), |branch| branch.next(b"M"));
        for edge in at.and_then(|at| self.branch(at)).map_or(&[][..], |branch| &branch.edges) {
            let name = format!("{before}.{}", edge.name);
            self.dotted(edge.to, &name, names);
            names.push((name, edge.to, false));
        }
    }
}
