import { AuthUserState } from "portcullis/state";
import { auth } from "./auth.ts";
import { groupsOf, isInAdminGroup } from "./authz.ts";

const { computed } = auth;

/**
 * The person, to their own browser: name, e-mail and picture, and what this app adds. No other
 * claim leaves the server.
 */
export class UserState extends AuthUserState {
	/** `null` if the identity provider says nothing about groups. */
	groups = computed(({ user }) => groupsOf(user) ?? null, { initial: null });
	/** For showing what admins have; the checks decide again when it is used. */
	isAdmin = computed(({ user }) => isInAdminGroup(user), { initial: false });
}
