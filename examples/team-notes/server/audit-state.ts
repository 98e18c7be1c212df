import { auditStore } from "./audit-store.ts";
import { kit } from "./auth.ts";
import { isAdmin } from "./authz.ts";

const { State, computed } = kit;

/** What admins see of who came and went. */
export class AuditState extends State {
	trail = computed(() => auditStore.last(), { auth: isAdmin, initial: [] });
}
