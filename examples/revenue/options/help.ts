/** What `--help` prints. */
export const HELP = `Revenue per category in tumbling windows of event time, from NDJSON files of orders.

  npm start                                  the bundled input, results in out/revenue
  npm start -- --input F --output DIR        your own orders

  --input F      file to read; repeat it for several (each is a partition with a watermark of its own);
                 a glob or a folder is one partition, read in name order; .gz is unpacked while reading
  --output DIR   where results go (default out/revenue); a job that was stopped or killed goes on where it was
  --window 5m    size of the windows: 30s, 5m, 1h, ...
  --summary F    write the counts as JSON to F
  --rate N       read at most N records per second
  --orders N     generate N orders into DIR/.input first and read these
  --seed N       seed of the generated orders
  --fresh        starts over: results of an earlier run in DIR are removed
  --help         this text

  npm start -- --kafka HOST:PORT             the same job from topic to topic, exactly once; npm run kafka starts a broker
    --input-topic orders.created  --output-topic revenue.by-category    made if they are missing, with --partitions 4
    --app revenue    names the job, its group and its topics late.APP.TOPIC and dlq.APP.TOPIC
    --state DIR      where its state is kept (default .millrace/APP)
    --commit 200ms   how often results appear
    --fresh          starts over, whatever was committed: topics stay as they are, all results are written again
    --bounded        reads what there is when it begins, closes all windows, and ends
    --window, --rate, --summary as above

An order is {"order_id","customer_id","amount","category","event_time"}, one JSON object a line.
  DIR/revenue/      one line per window and category
  DIR/late/         orders whose window was already complete (the watermark trails 5 s), as they were read
  DIR/dead-letter/  lines that are no orders, with file, position and reason
  DIR/.millrace/    checkpoints: the same command goes on from the last one; other input or another window is refused
Exit code: 0 done, 1 the job failed, 2 it could not be started as asked, 130 stopped by Ctrl-C.`;
