import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The independent reader of the tests: Kafka's own Java client, none of our code. Prints every record of a topic up to its end
 * (with read_committed: up to the last stable offset) and ends, without waiting for a time-out as the console consumer does.
 *
 *   ReadTopic BOOTSTRAP TOPIC ISOLATION
 */
public class ReadTopic {
  private static final char SEPARATOR = '\u0001';

  public static void main(String[] args) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    settings.put("isolation.level", args[2]);
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(args[1]).stream().map(one -> new TopicPartition(one.topic(), one.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Set<TopicPartition> open = new HashSet<>(partitions);
      while (true) {
        open.removeIf(partition -> consumer.position(partition) >= ends.get(partition));
        if (open.isEmpty()) break;
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) print(out, record);
      }
    }
    out.println("end");
    out.flush();
  }

  private static void print(PrintStream out, ConsumerRecord<String, String> record) {
    String headers =
        StreamSupport.stream(record.headers().spliterator(), false)
            .map(header -> header.key() + ":" + textOf(header.value()))
            .collect(Collectors.joining(","));
    String[] fields = {
      "" + record.timestamp(), "" + record.partition(), headers, "" + record.key(), "" + record.value(),
    };
    out.println(String.join("" + SEPARATOR, fields));
  }

  /** A header may have no value. */
  private static String textOf(byte[] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }
}
