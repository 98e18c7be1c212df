import type { User } from "portcullis";
import { check } from "./auth.ts";

/** May see who wrote how much, and clear all notes. */
export const isAdmin = check(({ user }) => isInAdminGroup(user));

/** What `isAdmin` asks. The document asks it too, to show the link or not. */
export function isInAdminGroup(user: User): boolean {
	return groupsOf(user)?.includes("admins") === true;
}

/**
 * The groups of a person; `undefined` if the identity provider says nothing about them, which is
 * not the same as none.
 */
export function groupsOf({ claims: userinfo }: User): readonly string[] | undefined {
	const { groups } = userinfo;
	return Array.isArray(groups) ? groups.filter((group) => typeof group === "string") : undefined;
}
