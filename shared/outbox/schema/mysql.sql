CREATE TABLE IF NOT EXISTS sluice_outbox (
  id         bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  source     varchar(255) NOT NULL,
  row_key    text NOT NULL,
  op         varchar(10) NOT NULL,
  body       longtext NOT NULL,
  created_at datetime(6) NOT NULL,
  error      text
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
