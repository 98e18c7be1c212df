import type { PageAuthContext, Rule } from "portcullis";
import { AuditState } from "./audit-state.ts";
import { auth } from "./auth.ts";
import { isAdmin } from "./authz.ts";
import { MetricsState } from "./metrics-state.ts";
import { ProfileState } from "./profile-state.ts";
import { UsersState } from "./users-state.ts";

/** Everything else, the charts at `/` among it, follows the default: one of the two roles. */
export const gate = auth.gate({
	states: { profile: ProfileState, metrics: MetricsState, users: UsersState, audit: AuditState },
	pages: withDataRoutes({
		"/profile": { auth: true },
		"/admin/*": { auth: isAdmin },
	}),
	assets: ["/web/*", "/favicon.ico"],
});

/**
 * React Router fetches the data of `/admin` from `/admin.data`, which for the gate is another path:
 * it has the same rule.
 */
function withDataRoutes(pages: Pages): Pages {
	const data = Object.entries(pages).map(([path, rule]) => [
		`${path.replace(/\/\*$/, "")}.data`,
		rule,
	]);
	return { ...pages, ...Object.fromEntries(data) };
}

type Pages = Readonly<Record<string, { auth: Rule<PageAuthContext> }>>;
