import type { User } from "portcullis";
import type { Viewer } from "../shared/types.ts";
import { groupsOf, isInAdminGroup } from "./authz.ts";

/** What a person's own browser is told about them: picked claim by claim, so that nothing new goes out by itself. */
export function viewerOf(user: User | undefined): Viewer | null {
	if (!user) return null;
	return {
		name: user.name,
		email: user.email ?? null,
		picture: user.picture ?? null,
		groups: groupsOf(user) ?? null,
		isAdmin: isInAdminGroup(user),
	};
}
