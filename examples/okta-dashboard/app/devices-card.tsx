import type { Devices } from "../shared/types.ts";
import { Card } from "./card.tsx";
import { formatTime } from "./format.ts";

/** What another service knows about the person, asked in their name. */
export function DevicesCard({ devices: answer }: { readonly devices: Devices }) {
	if (answer.status === "none") return undefined;
	return (
		<Card title="Devices" note="From the device service, which was asked in your name">
			{answer.status === "unavailable" ? (
				<p className="hint">The device service does not answer. Reload the page in a while.</p>
			) : (
				<table className="cards-on-small devices">
					<thead>
						<tr>
							<th scope="col">Device</th>
							<th scope="col">Last seen</th>
							<th scope="col">Status</th>
						</tr>
					</thead>
					<tbody>
						{answer.devices.map(({ name, system, lastSeen, isTrusted }) => (
							<tr key={name + system}>
								<th scope="row">
									{name}
									<span className="muted">{system}</span>
								</th>
								<td data-label="Last seen">
									<time dateTime={lastSeen}>{formatTime(lastSeen)}</time>
								</td>
								<td data-label="Status">
									<span className={`badge ${isTrusted ? "good" : ""}`}>
										{isTrusted ? "Trusted" : "New"}
									</span>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
		</Card>
	);
}
