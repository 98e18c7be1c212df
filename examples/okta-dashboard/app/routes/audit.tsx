import { useState } from "react";
import { ACTIONS, type AuditFilter } from "../../shared/types.ts";
import { Card } from "../card.tsx";
import { formatTime } from "../format.ts";
import { useServerState } from "../portcullis.ts";

/** What admins have done. The server filters: what does not fit is not sent. */
export default function Audit() {
	const { entries, filter, setFilter } = useServerState("audit");
	// What is typed shows at once; the event follows when nothing was typed for a moment.
	const [typed, setTyped] = useState<AuditFilter>(filter);
	const change = (next: AuditFilter) => {
		setTyped(next);
		void setFilter(next);
	};
	return (
		<>
			<title>Audit log - Dashboard</title>
			<Card title="Audit log" note="The newest first; new entries appear by themselves">
				<search className="filters">
					<label>
						Search
						<input
							type="search"
							value={typed.text}
							maxLength={100}
							placeholder="Name or detail"
							onChange={({ target }) => change({ ...typed, text: target.value })}
						/>
					</label>
					<label>
						Action
						<select
							value={typed.action}
							onChange={({ target }) =>
								change({ ...typed, action: ACTIONS.find((one) => one === target.value) ?? "any" })
							}
						>
							<option value="any">any</option>
							{ACTIONS.map((action) => (
								<option key={action} value={action}>
									{action}
								</option>
							))}
						</select>
					</label>
					<p className="muted" role="status">
						{entries.length === 1 ? "1 entry" : `${entries.length} entries`}
					</p>
				</search>
				<table className="cards-on-small">
					<thead>
						<tr>
							<th scope="col">Time</th>
							<th scope="col">Who</th>
							<th scope="col">Action</th>
							<th scope="col">Whom</th>
							<th scope="col">Detail</th>
						</tr>
					</thead>
					<tbody>
						{entries.map(({ id, at, actor, action, target, detail }) => (
							<tr key={id}>
								<th scope="row">
									<time dateTime={at}>{formatTime(at)}</time>
								</th>
								<td data-label="Who">{actor}</td>
								<td data-label="Action">{action}</td>
								<td data-label="Whom">{target}</td>
								<td data-label="Detail">{detail}</td>
							</tr>
						))}
					</tbody>
				</table>
				{entries.length === 0 && <p>Nothing fits.</p>}
			</Card>
		</>
	);
}
