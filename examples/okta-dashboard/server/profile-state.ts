import { AuthUserState } from "portcullis/state";
import type { Claim, Devices } from "../shared/types.ts";
import { computed } from "./auth.ts";
import { hasRole, isAdmin } from "./authz.ts";
import { fetchDevices } from "./devices-api.ts";

const NO_DEVICES: Devices = { status: "none" };

/** Who is signed in: for everyone who is, roles or not. */
export class ProfileState extends AuthUserState {
	/** What the identity provider says about the person who looks, by name. */
	claims = computed(({ user }) => sortedClaims(user.claims), {
		auth: true,
		initial: [] as Claim[],
	});
	/**
	 * From another service, with the person's access token: it goes from server to server, and never
	 * to a browser.
	 */
	devices = computed(
		({ user }) => user,
		({ dependencies: user, signal }) => fetchDevices(user, signal),
		{ auth: true, initial: NO_DEVICES, interval: 300 },
	);
	/** For the navigation, to offer only what opens. Withheld, and so false, for other people. */
	hasRole = computed(() => true, { auth: hasRole, initial: false });
	isAdmin = computed(() => true, { auth: isAdmin, initial: false });
}

function sortedClaims(claims: Readonly<Record<string, unknown>>): Claim[] {
	return Object.entries(claims)
		.map(([name, value]) => ({ name, value }))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}
