import { z } from "zod";
import { ACTIONS, type AuditEntry, type AuditFilter } from "../shared/types.ts";
import { computed, event, field, State } from "./auth.ts";
import { isAdmin } from "./authz.ts";
import { auditTopic, directory } from "./data.ts";

const NO_FILTER: AuditFilter = { text: "", action: "any" };

/** What admins have done, as they search it. */
export class AuditState extends State {
	filter = field<AuditFilter>(NO_FILTER, { auth: isAdmin });
	/**
	 * Only what the first function reads is tracked: another filter or a new entry starts it anew.
	 */
	entries = computed(
		() => this.filter.value,
		({ dependencies: filter, signal }) => directory.searchAudit(filter, signal),
		{ auth: isAdmin, on: [auditTopic], initial: [] as AuditEntry[] },
	);

	setFilter = event(
		{
			auth: isAdmin,
			input: z.object({ text: z.string().max(100), action: z.enum(["any", ...ACTIONS]) }),
			debounce: 200,
		},
		({ input: filter }) => {
			this.filter.value = filter;
		},
	);
}
