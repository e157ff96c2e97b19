CREATE TABLE `fetches` (
	`id` varchar(26) NOT NULL,
	`url` varchar(2048) NOT NULL,
	`is_named` int NOT NULL,
	`length` bigint,
	`received` bigint NOT NULL,
	`validator` varchar(255),
	CONSTRAINT `fetches_id` PRIMARY KEY(`id`)
);
