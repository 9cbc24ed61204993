/** Nothing has to happen at launch: the first page asks for the user, and wxpass signs in silently when it has to. */
App({});
