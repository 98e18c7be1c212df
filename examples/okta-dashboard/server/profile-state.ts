import { AuthUserState } from "portcullis/state";
import type { Claim } from "../shared/types.ts";
import { computed } from "./auth.ts";
import { hasRole, isAdmin } from "./authz.ts";

/** Who is signed in: for everyone who is, roles or not. */
export class ProfileState extends AuthUserState {
	/** What the identity provider says about the person who looks, by name. */
	claims = computed(({ user }) => sortedClaims(user.userinfo), { auth: true, initial: [] as Claim[] });
	/** For the navigation, to offer only what opens. Withheld, and so false, for everybody else. */
	hasRole = computed(() => true, { auth: hasRole, initial: false });
	isAdmin = computed(() => true, { auth: isAdmin, initial: false });
}

function sortedClaims(claims: Readonly<Record<string, unknown>>): Claim[] {
	return Object.entries(claims)
		.map(([name, value]) => ({ name, value }))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}
