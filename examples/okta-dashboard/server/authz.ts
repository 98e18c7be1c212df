import { anyOf, inGroup } from "portcullis/checks";

/** May manage people and read the audit log. */
export const isAdmin = inGroup("admins");
/** May look at the charts. A person in neither group may see their own profile and nothing else. */
export const hasRole = anyOf(isAdmin, inGroup("viewers"));
