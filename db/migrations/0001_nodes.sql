CREATE TABLE `heartbeats` (
	`id` varchar(26) NOT NULL,
	`at` bigint NOT NULL,
	CONSTRAINT `heartbeats_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `nodes` (
	`id` varchar(26) NOT NULL,
	`url` varchar(255) NOT NULL,
	`seen_at` bigint NOT NULL,
	CONSTRAINT `nodes_id` PRIMARY KEY(`id`)
);
